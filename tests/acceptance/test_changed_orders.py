"""Changed while nobody had started, and closed at the end of the day: on the other screens."""

from collections.abc import Iterator

import pytest

from tests.faults.audit import audit
from tests.faults.recorded import read_log
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def bar(bao: Visitor) -> Iterator[LiveView]:
    with LiveView(bao, "barista-queue") as view:
        yield view


def change_to_two(helen: Visitor, placed: PlacedOrder) -> None:
    """Two of the first line, and whatever else is in the order."""
    page = helen.open(f"{placed.tracking}change/?start=1")
    fields = page.form(ending="/change/").filled({})
    two = [(name, value) for name, value in fields if name != "quantity"] + [("quantity", "2")]
    response = helen.post(f"{placed.tracking}change/1/quantity/", two)
    assert response.status_code == 303
    form = helen.open(f"{placed.tracking}change/").form(ending="/change/")
    response = helen.submit(form)
    assert response.status_code == 303, response.text[:500]


def facts_of(shop: Shop, placed: PlacedOrder) -> list[str]:
    return [e.type_name for e in read_log(shop.eventstore_uri) if e.order == placed.order]


def test_the_bar_sees_what_changed_and_the_rest_is_paid(
    helen: Visitor, bao: Visitor, casey: Visitor, bar: LiveView, shop: Shop
) -> None:
    placed = helen.order(card="demo-approve")
    bar.wait_for(placed, "take")
    helen.wait_for_words(placed, "Paid.")
    change_to_two(helen, placed)
    bar.wait_for_text(placed, "CHANGED")
    bar.wait_for_text(placed, "was 1×")
    assert "more to pay" in helen.wait_for_words(placed, "more to pay")
    for action in ("take", "ready"):
        assert bao.press(f"/bar/{placed.order}/{action}/").status_code < 300
    refused = casey.press(f"/till/{placed.order}/serve/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_paid")
    assert casey.press(f"/till/{placed.order}/cash/", given="50.00").status_code < 300
    assert casey.press(f"/till/{placed.order}/serve/").status_code < 300
    assert facts_of(shop, placed).count("OrderPaid") == 2
    own = [event for event in read_log(shop.eventstore_uri) if event.order == placed.order]
    assert audit(own, [placed.order]) == []


def test_what_is_taken_is_no_longer_changed(helen: Visitor, bao: Visitor) -> None:
    placed = helen.order()
    form = helen.open(f"{placed.tracking}change/?start=1").form(ending="/change/")
    assert bao.press(f"/bar/{placed.order}/take/").status_code < 300
    response = helen.submit(form, {"note": "extra hot"})
    assert response.status_code == 409
    assert "Bao has just started your order" in response.text


def test_the_bar_closes_and_its_figures_do_not_know_it(
    helen: Visitor, ada: Visitor, bar: LiveView, shop: Shop
) -> None:
    open_orders = [helen.order() for _ in range(3)]
    for placed in open_orders:
        bar.wait_for(placed, "take")
    made_before = ada.open("/bar/pace/").text
    endings = ("not collected", "cancelled", "handed over")
    said = {f"ending-{p.order}": e for p, e in zip(open_orders, endings, strict=True)}
    response = ada.press("/bar/close/orders/", reason="we are closing", **said)
    collected, cancelled, unpaid = open_orders
    assert response.json()["ended"] == [collected.order, cancelled.order]
    assert [refused["code"] for refused in response.json()["refused"]] == ["not_paid"]
    ended = {f"ticket-{placed.order}" for placed in (collected, cancelled)}
    bar.until(lambda view: ended.isdisjoint(view.state.fragments), "them to go")
    helen.wait_for_words(cancelled, "We had to cancel: we are closing.")
    assert ada.open("/bar/pace/").text == made_before
    assert facts_of(shop, unpaid) == ["CoffeeOrdered"]
    closed = [e for e in read_log(shop.eventstore_uri) if e.order == collected.order]
    assert closed[-2].data["at_closing"]

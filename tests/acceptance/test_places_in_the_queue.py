"""Held, in a rush, made again, stopped when asked: each step is seen on the other screens."""

from collections.abc import Iterator

import pytest

from tests.live_view import LiveView
from tests.visitor import PlacedOrder, Visitor


@pytest.fixture
def bar(bao: Visitor) -> Iterator[LiveView]:
    with LiveView(bao, "barista-queue") as view:
        yield view


def press(bao: Visitor, placed: PlacedOrder, action: str, **fields: str) -> None:
    response = bao.press(f"/bar/{placed.order}/{action}/", **fields)
    assert response.status_code < 300, response.text


def ask_to_stop(helen: Visitor, placed: PlacedOrder) -> None:
    form = helen.open(placed.tracking).form(ending="/stop/")
    assert helen.submit(form).status_code == 303


def slot_of(view: LiveView, placed: PlacedOrder) -> str:
    card = view.card(placed.order)
    return card.fragment.slot if card is not None else ""


def sort_of(view: LiveView, placed: PlacedOrder) -> str:
    card = view.card(placed.order)
    return card.fragment.sort if card is not None else ""


def test_a_held_order_waits_beside_the_queue_and_goes_on(
    helen: Visitor, bao: Visitor, bar: LiveView
) -> None:
    placed = helen.order()
    bar.wait_for(placed, "take")
    press(bao, placed, "hold", reason="the customer is on the way", minutes="0")
    bar.until(lambda view: slot_of(view, placed) == "held", "on hold")
    assert "On hold: the customer is on the way." in helen.said(placed)
    press(bao, placed, "resume")
    bar.until(lambda view: slot_of(view, placed) == "queue", "in the queue again")


def test_two_orders_go_first_and_a_third_has_to_wait(
    helen: Visitor, bao: Visitor, bar: LiveView
) -> None:
    first, *others = [helen.order() for _ in range(4)]
    for placed in (first, *others):
        bar.wait_for(placed, "take")
    *rushed, third = others
    for placed in rushed:
        press(bao, placed, "rush", reason="waited long")
        bar.wait_for_text(placed, "RUSH")
    bar.until(
        lambda view: all(sort_of(view, placed) < sort_of(view, first) for placed in rushed),
        "before the one that came earlier",
    )
    refused = bao.press(f"/bar/{third.order}/rush/", reason="accessibility")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_in_a_rush")
    press(bao, rushed[0], "no-rush")
    bar.until(lambda view: sort_of(view, rushed[0]) > sort_of(view, first), "in its turn")
    press(bao, third, "rush", reason="accessibility")
    for placed in (rushed[1], third):
        press(bao, placed, "no-rush")


def test_one_drink_is_made_again_before_all_others(
    helen: Visitor, bao: Visitor, bar: LiveView
) -> None:
    placed, waiting = helen.order(), helen.order()
    bar.wait_for(waiting, "take")
    for action in ("take", "ready"):
        press(bao, placed, action)
    press(bao, placed, "bring-back", reason="spilled")
    bar.wait_for_text(placed, "REMAKE – SPILLED")
    assert sort_of(bar, placed) < sort_of(bar, waiting)
    assert "before all others: it was spilled" in helen.said(placed)


def test_the_bar_stops_what_its_customer_asks_to_stop(
    helen: Visitor, bao: Visitor, bar: LiveView
) -> None:
    placed = helen.order(card="demo-approve")
    bar.wait_for(placed, "take")
    press(bao, placed, "take")
    helen.wait_for_words(placed, "is making it")
    ask_to_stop(helen, placed)
    assert "STOP? – the customer asks" in bar.wait_for(placed, "too-late").fragment.element.text
    press(bao, placed, "stop", disposition="given away")
    bar.wait_until_gone(placed)
    helen.wait_for_words(placed, "was given back")


def test_it_may_be_too_late_to_stop(helen: Visitor, bao: Visitor, bar: LiveView) -> None:
    placed = helen.order()
    bar.wait_for(placed, "take")
    press(bao, placed, "take")
    helen.wait_for_words(placed, "is making it")
    ask_to_stop(helen, placed)
    bar.wait_for(placed, "too-late")
    press(bao, placed, "too-late")
    bar.wait_for(placed, "ready")
    helen.wait_for_words(placed, "It was too late to stop")
    press(bao, placed, "ready")


def test_the_customer_says_that_they_have_it(
    helen: Visitor, bao: Visitor, casey: Visitor, bar: LiveView
) -> None:
    placed = helen.order()
    bar.wait_for(placed, "take")
    for action in ("take", "ready"):
        press(bao, placed, action)
    helen.wait_for_words(placed, "Please pay")
    page = helen.open(placed.tracking)
    refused = helen.submit(page.form(ending="/got-it/"))
    assert refused.status_code == 409  # not before it is paid
    assert casey.press(f"/till/{placed.order}/card-by-hand/").status_code < 300
    helen.wait_for_words(placed, "Say")
    assert helen.submit(helen.open(placed.tracking).form(ending="/got-it/")).status_code == 303
    helen.wait_for_words(placed, "Enjoy")


def test_the_same_again_is_one_press_away(helen: Visitor) -> None:
    helen.order(name="Helen")
    menu = helen.open("/")
    assert helen.submit(menu.form(ending="/basket/usual/")).status_code == 303
    form = helen.open("/basket/").form(ending="/orders/")
    assert form.value("name") == "Helen"
    assert helen.submit(form, {"pay": "counter"}).status_code == 303

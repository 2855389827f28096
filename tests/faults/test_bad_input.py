"""Bad input is refused, and appends nothing: manipulated, absurd, unknown, not allowed."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from orders.staff_buttons.buttons import BAR
from tests.faults.recorded import head, read_log
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor

pytestmark = pytest.mark.slow

NOBODY = "0" * 32
MARKUP = "<script>alert(1)</script>"


@contextmanager
def nothing_appended(shop: Shop) -> Iterator[None]:
    """The log ends where it ended before."""
    before = head(shop.eventstore_uri)
    yield
    assert head(shop.eventstore_uri) == before


@pytest.fixture(scope="module")
def standing(shop: Shop) -> PlacedOrder:
    """An order at the counter's till, with nothing left to react to."""
    with Visitor(shop) as somebody:
        return somebody.order(name="stands")


def test_the_witness_notices_an_append(shop: Shop, helen: Visitor) -> None:
    before = head(shop.eventstore_uri)
    helen.order()
    assert head(shop.eventstore_uri) > before


@pytest.mark.parametrize("field", ["price", "unit_price", "total", "amount", "line_total"])
def test_a_price_from_the_browser_counts_for_nothing(
    shop: Shop, helen: Visitor, field: str
) -> None:
    honest = helen.submit(helen.order_form(), {"name": "honest", "pay": "counter"})
    cheat = helen.submit(
        helen.order_form(), {"name": "cheat", "pay": "counter", field: "1", "seen_total": "1"}
    )
    assert honest.status_code == 303
    assert cheat.status_code in {303, 409, 422}
    ordered = [e for e in read_log(shop.eventstore_uri) if e.type_name == "CoffeeOrdered"]
    prices = {event.data["lines"][0]["unit_price"] for event in ordered[-2:]}
    assert len(prices) == 1
    assert 1 not in prices


@pytest.mark.parametrize("quantity", ["0", "-1", "21", "99999999999999999999", "1e3", "½", "", "x"])
def test_an_absurd_quantity_is_refused(
    shop: Shop, helen: Visitor, standing: PlacedOrder, quantity: str
) -> None:
    with nothing_appended(shop):
        item = next(
            link.attributes["href"]
            for link in helen.open("/").find_all("a")
            if link.attributes.get("href", "").startswith("/menu/")
        )
        form = helen.open(item).form(ending="/basket/")
        response = helen.submit(form, {"quantity": quantity})
        assert 400 <= response.status_code < 500, response.status_code
        assert "/orders/" not in {form.action for form in helen.open("/basket/").forms()}


@pytest.mark.parametrize("field", ["name", "note"])
def test_ten_thousand_characters_are_refused_in_words(
    shop: Shop, helen: Visitor, standing: PlacedOrder, field: str
) -> None:
    form = helen.order_form()
    with nothing_appended(shop):
        response = helen.submit(form, {"pay": "counter", field: "x" * 10_000})
        assert 400 <= response.status_code < 500
        assert "characters" in response.text


def test_markup_in_a_name_is_only_text(helen: Visitor, bao: Visitor, casey: Visitor) -> None:
    with (
        LiveView(bao, "barista-queue") as bar,
        LiveView(casey, "cashier-desk") as till,
        LiveView(helen, "board") as board,
    ):
        placed = helen.order(name=MARKUP)
        for view in (bar, till, board):
            card = view.wait_for(placed)
            assert "<script" not in card.fragment.html
            assert card.fragment.element.find_all("script") == []
            assert "<script>" in card.fragment.element.text
    assert MARKUP in helen.open(placed.tracking).find_all(id="tracking")[0].text


def test_a_sold_out_item_is_refused(
    shop: Shop, helen: Visitor, bao: Visitor, standing: PlacedOrder
) -> None:
    item = next(
        link.attributes["href"]
        for link in helen.open("/").find_all("a")
        if link.attributes.get("href", "").startswith("/menu/")
    )
    slug = item.rstrip("/").rpartition("/")[2]
    form = helen.open(item).form(ending="/basket/")
    order_form = helen.order_form(item=item)
    assert bao.press(f"/bar/sold-out/item/{slug}/", sold_out="until I say").status_code < 300
    try:
        with nothing_appended(shop):
            shop.wait_until(lambda: item not in menu_links(helen), 10)
            again = helen.submit(form, {"quantity": "1"})
            assert 400 <= again.status_code < 500, again.status_code
            ordered = helen.submit(order_form, {"name": "too late", "pay": "counter"})
            assert 400 <= ordered.status_code < 500, ordered.status_code
            assert "sold out" in ordered.text.lower()
    finally:
        assert bao.press(f"/bar/sold-out/item/{slug}/", sold_out="no").status_code < 300
    shop.wait_until(lambda: item in menu_links(helen), 10)


def menu_links(visitor: Visitor) -> set[str]:
    return {link.attributes.get("href", "") for link in visitor.open("/").find_all("a")}


@pytest.mark.parametrize(
    "path",
    [
        "/menu/no-such-thing/",
        f"/o/{NOBODY}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
        f"/o/{NOBODY}/",
        f"/me/{NOBODY}.AAAA/",
        "/o/%00/",
        "/no/such/page/",
    ],
)
def test_an_unknown_address_is_not_found(helen: Visitor, path: str) -> None:
    assert helen.client.get(path).status_code == 404


def test_a_guessed_link_to_a_real_order_is_not_found(helen: Visitor, standing: PlacedOrder) -> None:
    token = standing.tracking.rstrip("/").rpartition("/")[2]
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert helen.client.get(f"/o/{forged}/").status_code == 404


@pytest.mark.parametrize("action", BAR)
def test_an_unknown_order_at_the_bar_is_refused(
    shop: Shop, bao: Visitor, standing: PlacedOrder, action: str
) -> None:
    with nothing_appended(shop):
        for order in (NOBODY, "not-an-id"):
            response = bao.press(
                f"/bar/{order}/{action}/", line="1", disposition="wasted", reason="remake"
            )
            assert 400 <= response.status_code < 500, (
                f"{response.status_code} {response.text[:300]}"
            )


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("cash", {"given": "-5"}),
        ("cash", {"given": "lots"}),
        ("cash", {"given": "99999999999999999999999"}),
        ("cash", {"given": "NaN"}),
        ("cash", {}),
        ("card", {"card_token": ""}),
        ("cancel", {"reason": ""}),
        ("cancel", {"reason": "x" * 10_000}),
        ("write-off", {"reason": ""}),
        ("refund", {"reason": "never paid"}),
        ("give-back", {"reason": "never paid"}),
        ("serve", {}),
        ("dance", {}),
    ],
)
def test_nonsense_at_the_till_is_refused(
    shop: Shop, casey: Visitor, standing: PlacedOrder, action: str, fields: dict[str, str]
) -> None:
    with nothing_appended(shop):
        response = casey.press(f"/till/{standing.order}/{action}/", **fields)
        assert 400 <= response.status_code < 500, f"{response.status_code} {response.text[:300]}"


@pytest.mark.parametrize("command_id", ["", "17", "x" * 5000, "../../etc", NOBODY + "0"])
def test_a_form_without_a_proper_id_is_refused(
    shop: Shop, helen: Visitor, bao: Visitor, standing: PlacedOrder, command_id: str
) -> None:
    form = helen.order_form()
    with nothing_appended(shop):
        response = helen.submit(form, {"name": "x", "pay": "counter", "command_id": command_id})
        assert 400 <= response.status_code < 500
        sent = [("command_id", command_id), ("csrfmiddlewaretoken", bao.token)]
        pressed = bao.post(f"/bar/{standing.order}/take/", sent, Accept="application/json")
        assert 400 <= pressed.status_code < 500


def test_the_same_id_with_other_contents_is_refused(shop: Shop, bao: Visitor) -> None:
    with Visitor(shop) as helen:
        placed, other = helen.order(), helen.order()
    command_id = str(uuid.uuid4())
    assert bao.press(f"/bar/{placed.order}/take/", command_id).status_code < 300
    with nothing_appended(shop):
        response = bao.press(f"/bar/{placed.order}/ready/", command_id)
        assert 400 <= response.status_code < 500, response.text
    assert other.order != placed.order

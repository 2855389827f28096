"""Not allowed: wrong roles, wrong methods, other sites, strangers at live screens."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from orders.staff_buttons.buttons import BAR, TILL
from tests.faults.recorded import head
from tests.faults.test_bad_input import nothing_appended
from tests.live_view import open_socket
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def standing(shop: Shop) -> PlacedOrder:
    """An order with nothing left to react to."""
    with Visitor(shop) as somebody:
        return somebody.order(name="stands")


def test_a_cashier_does_not_make_coffee(shop: Shop, casey: Visitor, standing: PlacedOrder) -> None:
    with nothing_appended(shop):
        for action in BAR:
            response = casey.press(f"/bar/{standing.order}/{action}/", line="1")
            assert response.status_code == 403, action
        assert casey.press("/bar/sold-out/item/espresso/", sold_out="today").status_code == 403


def test_a_barista_does_not_touch_the_money(
    shop: Shop, bao: Visitor, standing: PlacedOrder
) -> None:
    with nothing_appended(shop):
        for action in TILL:
            response = bao.press(f"/till/{standing.order}/{action}/", given="50.00", reason="x")
            assert response.status_code == 403, action


@pytest.mark.parametrize("path", ["/till/", "/till/new/", "/manage/", "/manage/streams/"])
def test_a_barista_does_not_see_other_peoples_screens(bao: Visitor, path: str) -> None:
    assert bao.client.get(path).status_code == 403


@pytest.mark.parametrize(
    "path", ["/bar/", "/till/", "/till/new/", "/manage/", "/manage/projections/", "/inspect/"]
)
def test_a_stranger_is_sent_to_the_login(helen: Visitor, path: str) -> None:
    response = helen.client.get(path)
    assert response.status_code == 302
    assert "/login/" in response.headers["Location"]


def test_a_stranger_presses_nothing(shop: Shop, helen: Visitor, standing: PlacedOrder) -> None:
    token = helen.order_form().value("csrfmiddlewaretoken")
    sent = [("csrfmiddlewaretoken", token), ("command_id", "17")]
    with nothing_appended(shop):
        for path in (f"/bar/{standing.order}/take/", f"/till/{standing.order}/cash/"):
            as_program = helen.post(path, sent, Accept="application/json")
            assert as_program.status_code == 401
            assert as_program.headers["Content-Type"].startswith("application/problem+json")
            as_person = helen.post(path, sent, Accept="text/html")
            assert as_person.status_code == 302
            assert "/login/" in as_person.headers["Location"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/orders/", "/bar/{order}/take/", "/till/{order}/cash/"])
def test_a_wrong_method_is_refused(
    shop: Shop, ada: Visitor, standing: PlacedOrder, method: str, path: str
) -> None:
    with nothing_appended(shop):
        response = ada.client.request(
            method,
            path.format(order=standing.order),
            headers={"X-CSRFToken": ada.token, "Origin": ada.url},
        )
        assert response.status_code == 405


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_form_from_another_site_is_refused(
    shop: Shop, helen: Visitor, bao: Visitor, standing: PlacedOrder, origin: str
) -> None:
    form = helen.order_form()
    with nothing_appended(shop):
        fields = form.filled({"name": "x", "pay": "counter"})
        assert helen.post(form.action, fields, Origin=origin).status_code == 403
        sent = [("csrfmiddlewaretoken", bao.token), ("command_id", form.value("command_id"))]
        assert bao.post(f"/bar/{standing.order}/take/", sent, Origin=origin).status_code == 403


def test_a_form_without_its_token_is_refused(
    shop: Shop, helen: Visitor, standing: PlacedOrder
) -> None:
    form = helen.order_form()
    fields = [pair for pair in form.filled({"pay": "counter"}) if pair[0] != "csrfmiddlewaretoken"]
    with nothing_appended(shop):
        assert helen.post(form.action, fields).status_code == 403


@pytest.mark.parametrize(
    ("view", "visitor_fixture", "origin"),
    [
        ("barista-queue", "bao", "https://evil.example"),
        ("cashier-desk", "casey", "https://evil.example"),
        ("board", "helen", "https://evil.example"),
        ("barista-queue", "bao", ""),
        ("barista-queue", "helen", "own"),
        ("cashier-desk", "helen", "own"),
        ("cashier-desk", "bao", "own"),
        ("sales", "casey", "own"),
        ("projections", "bao", "own"),
        ("no-such-view", "ada", "own"),
        ("order/00000000000000000000000000000000.AAAA", "helen", "own"),
    ],
)
def test_a_live_screen_opens_only_for_its_people_and_from_its_own_pages(
    request: pytest.FixtureRequest, view: str, visitor_fixture: str, origin: str
) -> None:
    visitor: Visitor = request.getfixturevalue(visitor_fixture)
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        first_words(visitor, view, visitor.url if origin == "own" else origin)


def first_words(visitor: Visitor, view: str, origin: str) -> str | bytes:
    with open_socket(visitor, view, origin) as socket:
        return socket.recv(timeout=5)


def test_a_huge_request_is_refused_before_it_is_read(
    shop: Shop, helen: Visitor, standing: PlacedOrder
) -> None:
    form = helen.order_form()
    before = head(shop.eventstore_uri)
    response = helen.submit(form, {"name": "x" * 2_000_000, "pay": "counter"})
    assert 400 <= response.status_code < 500
    assert head(shop.eventstore_uri) == before

"""What programs read: orders and screens at any time, facts by position, links that lead on."""

from collections.abc import Iterator
from typing import Any

import pytest

from staff.models import AuditedLook
from staff.roles import BARISTA, CASHIER
from tests.api.conftest import Program
from tests.eventstore_fixture import RunningEventstore
from tests.faults.fuzz.stocked_shop import StockedShop, stocked_shop

BOTH = ["default", "read_models"]
pytestmark = pytest.mark.django_db(databases=BOTH)


def follow(program: Program, order: dict[str, Any], **query: Any) -> Any:
    return program.ask(order["follow"], **query)


def moments(program: Program, order: dict[str, Any]) -> list[str]:
    facts = program.ask(f"{order['follow']}facts/").json()["facts"]
    return [fact["occurred_at"] for fact in facts]


# --- an order ------------------------------------------------------------------------------------


def test_an_order_is_followed_by_its_link_without_an_account(open_shop: None) -> None:
    stranger = Program()
    order = stranger.ordered(name="Helen")
    seen = follow(stranger, order).json()
    assert seen["order"] == order["order"]
    assert int(seen["number"]) == order["number"]
    assert (seen["name"], seen["progress"], seen["version"]) == ("Helen", "waiting", 1)
    assert seen["total"] == seen["due"] == seen["lines"][0]["unit_price"]
    assert seen["may"] == {
        "change": True,
        "cancel": True,
        "ask_to_stop": False,
        "say_here": False,
        "pay": True,
        "take": False,
    }
    assert follow(Program(), order).json()["headline"] == seen["headline"]


def test_its_id_opens_it_to_those_who_may_see_facts_only(ada: Program) -> None:
    order = ada.ordered()
    for path in (f"/api/orders/{order['order']}/", f"/api/orders/{order['order']}/facts/"):
        assert ada.ask(path).status_code == 200
        for other in (Program(), Program(BARISTA), Program(CASHIER)):
            assert other.ask(path).status_code == 404


@pytest.mark.parametrize("order", ["x", "0" * 32, "0" * 32 + ".AAAA", "%00", "é"])
def test_what_is_no_order_is_not_there(ada: Program, order: str) -> None:
    for path in (f"/api/orders/{order}/", f"/api/orders/{order}/facts/"):
        response = ada.ask(path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_an_order_has_a_state_at_any_time(ada: Program) -> None:
    order = ada.ordered()
    ada.ask(f"/api/bar/{order['order']}/take/", {})
    ada.ask(f"/api/till/{order['order']}/cash/", {"given": 2000})
    ordered, taken, paid = moments(ada, order)
    assert follow(ada, order).json()["progress"] == "making"
    then = follow(ada, order, at=ordered).json()
    assert (then["progress"], then["due"] > 0, then["version"]) == ("waiting", True, 1)
    assert not any(then["may"].values())
    assert then["wait"] is None
    assert follow(ada, order, at=taken).json()["due"] > 0
    assert follow(ada, order, at=paid).json()["due"] == 0
    assert follow(ada, order, version=2).json()["progress"] == "making"
    assert follow(ada, order, version=1).json()["progress"] == "waiting"
    assert follow(ada, order, as_of=paid, version=1).json()["version"] == 1
    assert follow(ada, order, version=0).status_code == 404


def test_a_time_of_the_clock_is_one_of_today(ada: Program) -> None:
    order = ada.ordered()
    assert follow(ada, order, at="23:59:59").json()["version"] == 1
    assert follow(ada, order, at="23:59:59").json()["at"].endswith(("+01:00", "+02:00"))
    for wrong in ("9:05", "24:00", "11:05pm", "1１:05", "yesterday"):
        response = follow(ada, order, at=wrong)
        assert (response.status_code, response.json()["code"]) == (422, "bad_input"), wrong


@pytest.mark.parametrize("query", [{"att": "11:05"}, {"version": "-1"}, {"version": "x"}])
def test_a_misspelt_question_is_not_answered_with_another(
    ada: Program, query: dict[str, Any]
) -> None:
    response = follow(ada, ada.ordered(), **query)
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_facts_come_in_pages(ada: Program) -> None:
    order = ada.ordered()
    ada.ask(f"/api/bar/{order['order']}/take/", {})
    ada.ask(f"/api/bar/{order['order']}/ready/", {})
    first = ada.ask(f"{order['follow']}facts/", limit=2).json()
    rest = ada.ask(first["next"]).json()
    types = [fact["type"] for fact in first["facts"] + rest["facts"]]
    assert types == ["CoffeeOrdered", "PreparationStarted", "CoffeePrepared"]
    assert rest["next"] is None
    assert [fact["version"] for fact in first["facts"]] == [1, 2]
    assert first["facts"][0]["service"] == "ordering"
    then = ada.ask(f"{order['follow']}facts/", version=1).json()
    assert [fact["type"] for fact in then["facts"]] == ["CoffeeOrdered"]


def test_who_reads_personal_fields_of_somebody_else_is_kept(ada: Program) -> None:
    order = ada.ordered(name="Helen")
    ada.ask(order["follow"])  # by its link, as its customer
    ada.ask("/api/streams/shop-main/")
    assert not AuditedLook.objects.exists()
    stream = f"order-{order['order']}"
    ada.ask(f"/api/orders/{order['order']}/")
    ada.ask(f"/api/streams/{stream}/")
    assert [look.streams for look in AuditedLook.objects.all()] == [stream, stream]
    ada.ask("/api/facts/", after=order["position"] - 1)
    assert stream in AuditedLook.objects.all()[0].streams


# --- the shop ------------------------------------------------------------------------------------


@pytest.fixture
def shop(transactional_db: None, own_eventstore: RunningEventstore) -> Iterator[StockedShop]:
    with stocked_shop(own_eventstore.uri) as shop:
        yield shop


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_screens_and_facts_of_a_stocked_shop(shop: StockedShop) -> None:
    ada = Program("manager")
    _the_queue_follows_the_bar(ada, shop)
    _a_long_list_has_further_pages(ada, shop)
    _the_log_is_read_by_position(ada)
    _a_screen_has_a_past(ada)
    found = ada.ask("/api/streams/", q="Carla 1").json()["streams"]
    assert [entry["name"] for entry in found if entry["kind"] == "order"] == ["Carla 1"]
    assert ada.ask(found[0]["facts"]).status_code == 200
    for stream in ("x", "order-" + "0" * 32, "$all", "order-" + "0" * 200):
        assert ada.ask(f"/api/streams/{stream}/").status_code == 404


def _the_queue_follows_the_bar(ada: Program, shop: StockedShop) -> None:
    waiting = shop.orders[0].hex
    before = ada.ask("/api/queue/").json()
    [ticket] = [ticket for ticket in before["tickets"] if ticket["order"] == waiting]
    assert (ticket["state"], ticket["note"]) == ("queued", "extra hot")
    assert ticket["lines"][0]["options"] == ["SUB oat milk"]
    done = ada.ask(f"/api/bar/{waiting}/take/", {}).json()
    shop.project()
    after = ada.ask("/api/queue/", after=done["position"]).json()
    [ticket] = [ticket for ticket in after["tickets"] if ticket["order"] == waiting]
    assert (ticket["state"], ticket["barista_name"]) == ("making", "Display")
    assert after["live"]["view"] == "barista-queue"
    assert after["live"]["socket"] == "/ws/barista-queue/"


def _a_long_list_has_further_pages(ada: Program, shop: StockedShop) -> None:
    for _ in range(60):
        shop.order()
    shop.project()
    first = ada.ask("/api/queue/").json()
    second = ada.ask(first["next"]).json()
    orders = {ticket["order"] for page in (first, second) for ticket in page["tickets"]}
    assert len(orders) == first["count"] > 60
    assert (second["page"], second["next"]) == (2, None)
    found, path = [], "/api/streams/"
    while path:
        page = ada.ask(path).json()
        found += [entry["stream"] for entry in page["streams"]]
        path = page["next"]
    assert len(found) == len(set(found)) >= first["count"]


def _the_log_is_read_by_position(ada: Program) -> None:
    found: list[dict[str, Any]] = []
    page = ada.ask("/api/facts/", limit=7).json()
    while page["facts"]:
        found += page["facts"]
        page = ada.ask(page["next"]).json()
    positions = [fact["position"] for fact in found]
    assert positions == sorted(set(positions))
    assert len(found) > 60
    assert page["next"].endswith(f"after={positions[-1]}")  # there may be more later


def _a_screen_has_a_past(ada: Program) -> None:
    for path in ("/api/queue/", "/api/desk/", "/api/sales/"):
        assert ada.ask(path, at="2019-06-23T11:00:00").json()["at"].startswith("2019-06-23T11:00")
    assert ada.ask("/api/queue/", at="2019-06-23T11:00:00").json()["tickets"] == []
    assert ada.ask("/api/sales/", day="2019-06-23").json()["figures"]["orders"] == 0
    assert ada.ask("/api/sales/", day="2019-13-01").status_code == 422


# --- where it begins -----------------------------------------------------------------------------


def test_the_root_leads_to_what_whoever_asks_may_use(ada: Program) -> None:
    everybody = Program().ask("/api/").json()
    names = {link["name"] for link in everybody["links"]}
    assert {"menu", "orders", "order", "board"} <= names
    assert not {"queue", "desk", "bar_take", "facts"} & names
    assert everybody["you"] is None
    barista = Program(BARISTA).ask("/api/").json()
    names = {link["name"] for link in barista["links"]}
    assert {"queue", "bar_take"} <= names
    assert not {"desk", "till_cash", "facts"} & names
    assert barista["you"]["permissions"] == ["see_queue", "prepare", "sell_out"]
    assert ada.get(everybody["document"]).json()["openapi"] == "3.1.0"
    assert ada.get(everybody["try_it"]).status_code == 200


def test_the_menu_says_what_an_order_may_name(ada: Program) -> None:
    menu = ada.ask("/api/menu/").json()
    items = [item for section in menu["sections"] for item in section["items"]]
    for item in items[:5]:
        size = item["sizes"][0]["slug"] if item["sizes"] else ""
        ada.ordered(items=[{"item": item["slug"], "size": size}])
    assert menu["currency"] == "EUR"


def test_there_is_a_page_to_try_it() -> None:
    page = Program().get("/api/try/").content.decode()
    assert 'data-path="/api/bar/{order}/hold/"' in page
    assert "&quot;minutes&quot;" not in page  # only what is needed stands in the example
    assert "&quot;reason&quot;" in page
    assert "style=" not in page
    assert "<script>" not in page

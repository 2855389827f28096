"""The bar's buttons: what they write, and in which words they refuse."""

from uuid import uuid4

import pytest
from django.test import Client

from orders.domain.events import Station
from orders.menu.cache import menu
from orders.shop_state import shop_now
from orders.staff_buttons.buttons import BAR
from orders.tests.crew import Crew, an_order, event_types_of
from orders.tests.guest import BOTH
from orders.wait import wait_now

pytestmark = [
    pytest.mark.django_db(databases=BOTH),
    pytest.mark.usefixtures("open_shop"),
]


@pytest.fixture
def bao() -> Crew:
    """A barista."""
    return Crew("Bao", "barista")


@pytest.fixture
def ana() -> Crew:
    """Another barista."""
    return Crew("Ana", "barista")


def test_a_barista_takes_ticks_and_calls_ready(bao: Crew) -> None:
    order = an_order(1, 1)
    for action, fields in (("take", {}), ("tick", {"line": "1"}), ("ready", {})):
        response = bao.press(f"/bar/{order.hex}/{action}/", **fields)
        assert response.status_code == 200, response.content
        assert response.json()["position"] > 0
    assert event_types_of(order) == ["PreparationStarted", "LinePrepared", "CoffeePrepared"]


def test_without_script_a_press_leads_back_to_the_bar(bao: Crew) -> None:
    order = an_order()
    response = bao.post(f"/bar/{order.hex}/take/", {"command_id": str(uuid4())})
    assert response.status_code == 303
    assert response["Location"].startswith("/bar/?after=")


def test_the_same_tap_twice_takes_once(bao: Crew) -> None:
    order, tap = an_order(), uuid4()
    first = bao.press(f"/bar/{order.hex}/take/", command_id=tap)
    second = bao.press(f"/bar/{order.hex}/take/", command_id=tap)
    assert second.json() == {**first.json(), "replayed": True}
    assert event_types_of(order) == ["PreparationStarted"]


def test_the_second_barista_reads_who_has_the_order(bao: Crew, ana: Crew) -> None:
    order = an_order()
    ana.press(f"/bar/{order.hex}/take/")
    refused = bao.press(f"/bar/{order.hex}/take/")
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "already_taken"
    assert refused.json()["detail"] == "Ana has this order."


def test_calling_somebody_elses_order_ready_is_refused_with_their_name(
    bao: Crew, ana: Crew
) -> None:
    order = an_order()
    ana.press(f"/bar/{order.hex}/take/")
    refused = bao.press(f"/bar/{order.hex}/ready/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_yours")
    assert refused.json()["detail"] == "Ana has this order."


@pytest.mark.parametrize(("path", "fields"), [("take-over", {}), ("take", {"take_over": "1"})])
def test_an_order_can_be_taken_over(
    bao: Crew, ana: Crew, path: str, fields: dict[str, str]
) -> None:
    order = an_order()
    ana.press(f"/bar/{order.hex}/take/")
    assert bao.press(f"/bar/{order.hex}/{path}/", **fields).status_code == 200
    assert event_types_of(order) == [
        "PreparationStarted",
        "PreparationReleased",
        "PreparationStarted",
    ]


def test_an_order_is_given_back_and_a_tick_taken_back(bao: Crew) -> None:
    order = an_order()
    for action in ("take", "tick", "untick", "release"):
        assert bao.press(f"/bar/{order.hex}/{action}/", line="1").status_code == 200
    assert event_types_of(order)[1:] == ["LinePrepared", "LineBroughtBack", "PreparationReleased"]


@pytest.mark.parametrize("reason", ["misbump", "wrong", "spilled", "taken", "quality"])
def test_a_ready_order_comes_back(bao: Crew, reason: str) -> None:
    order = an_order()
    bao.press(f"/bar/{order.hex}/take/")
    bao.press(f"/bar/{order.hex}/ready/")
    assert bao.press(f"/bar/{order.hex}/bring-back/", reason=reason).status_code == 200
    assert event_types_of(order)[-1] == "BroughtBack"


def test_one_line_is_made_again(bao: Crew) -> None:
    order = an_order()
    bao.press(f"/bar/{order.hex}/take/")
    bao.press(f"/bar/{order.hex}/ready/")
    again = {"reason": "spilled", "by_line": "1"}
    url = f"/bar/{order.hex}/bring-back/"
    assert bao.press(url, **again).json()["detail"] == "Please choose what is made again."
    assert bao.press(url, **again, **{"line-9": "1"}).json()["code"] == "unknown_line"
    assert bao.press(url, **again, **{"line-1": "1"}).status_code == 200
    assert event_types_of(order)[-1] == "BroughtBack"


def test_the_barista_answers_a_cancellation(bao: Crew) -> None:
    order = an_order()
    bao.press(f"/bar/{order.hex}/take/")
    refused = bao.press(f"/bar/{order.hex}/stop/", disposition="wasted")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_cancelled")
    Crew("Casey", "cashier").press(f"/till/{order.hex}/cancel/", reason="out of oat milk")
    assert bao.press(f"/bar/{order.hex}/stop/", disposition="stopped in time").status_code == 200
    assert event_types_of(order)[-1] == "PreparationStopped"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("tick", {"line": "first"}),
        ("tick", {}),
        ("bring-back", {"reason": "for fun"}),
        ("stop", {"disposition": "thrown at the wall"}),
        ("take", {"command_id": "none"}),
    ],
)
def test_a_form_that_makes_no_sense_is_answered_in_words(
    bao: Crew, action: str, fields: dict[str, str]
) -> None:
    order = an_order()
    form = {"command_id": str(uuid4()), **fields}
    response = bao.post(f"/bar/{order.hex}/{action}/", form, headers={"Accept": "application/json"})
    assert response.status_code == 422
    assert response.json()["detail"].endswith((".", "?"))
    assert event_types_of(order) == []


def test_a_page_in_words_for_those_without_script(bao: Crew, ana: Crew) -> None:
    order = an_order()
    ana.press(f"/bar/{order.hex}/take/")
    response = bao.post(f"/bar/{order.hex}/take/", {"command_id": str(uuid4())})
    assert response.status_code == 409
    assert "Ana has this order." in response.content.decode()


@pytest.mark.parametrize("action", BAR)
def test_only_post_presses_a_button(bao: Crew, action: str) -> None:
    order = an_order()
    assert bao.get(f"/bar/{order.hex}/{action}/").status_code == 405
    assert event_types_of(order) == []


@pytest.mark.parametrize("action", BAR)
def test_a_cashier_presses_nothing_at_the_bar(action: str) -> None:
    order = an_order()
    response = Crew("Casey", "cashier").press(f"/bar/{order.hex}/{action}/", line="1")
    assert response.status_code == 403
    assert response.json()["detail"].startswith("Your role does not include")
    assert event_types_of(order) == []


@pytest.mark.parametrize("action", BAR)
def test_strangers_are_asked_to_log_in(action: str) -> None:
    order, stranger = an_order(), Client()
    path = f"/bar/{order.hex}/{action}/"
    assert stranger.post(path, {}).status_code == 302
    assert stranger.post(path, {}, headers={"Accept": "application/json"}).status_code == 401
    assert event_types_of(order) == []


@pytest.mark.parametrize("path", ["/bar/no-order/take/", f"/bar/{'0' * 32}/explode/"])
def test_what_does_not_exist_is_not_found(bao: Crew, path: str) -> None:
    assert bao.press(path).status_code == 404


def test_an_order_nobody_placed_cannot_be_taken(bao: Crew) -> None:
    refused = bao.press(f"/bar/{uuid4().hex}/take/")
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_order")


@pytest.mark.parametrize("how_long", ["hour", "today", "until I say"])
def test_sold_out_leaves_the_menu_and_comes_back(bao: Crew, how_long: str) -> None:
    for sold_out in (how_long, "no"):
        response = bao.press("/bar/sold-out/item/flat-white/", sold_out=sold_out)
        assert response.status_code == 200
        item = menu().item("flat-white")
        assert item is not None
        assert item.sold_out is (sold_out != "no")


def test_an_option_runs_out_in_every_drink(bao: Crew) -> None:
    bao.press("/bar/sold-out/option/oat-milk/", sold_out="until I say")
    choices = [c for s in menu().sections for i in s.items for g in i.groups for c in g.choices]
    assert {c.sold_out for c in choices if c.slug == "oat-milk"} == {True}
    assert {c.sold_out for c in choices if c.slug != "oat-milk"} == {False}


def test_the_page_of_what_is_sold_out_has_a_form_for_everything(bao: Crew) -> None:
    page = bao.get("/bar/sold-out/").content.decode()
    assert page.count('action="/bar/sold-out/item/') == sum(len(s.items) for s in menu().sections)
    assert 'action="/bar/sold-out/option/oat-milk/' in page
    sent = {"sold_out": "today", "command_id": str(uuid4())}
    after = bao.post("/bar/sold-out/item/espresso/", sent)
    assert after.status_code == 303
    assert after["Location"].startswith("/bar/sold-out/")
    assert "SOLD OUT" in bao.get("/bar/sold-out/").content.decode()


@pytest.mark.parametrize(
    ("thing", "sold_out"),
    [
        ("item/unicorn-latte", "today"),
        ("option/unicorn-milk", "today"),
        ("item/flat-white", "maybe"),
        ("item/flat-white", ""),
    ],
)
def test_sold_out_of_nothing_is_refused(bao: Crew, thing: str, sold_out: str) -> None:
    assert bao.press(f"/bar/sold-out/{thing}/", sold_out=sold_out).status_code == 422


def test_a_cashier_takes_nothing_off_the_menu() -> None:
    casey = Crew("Casey", "cashier")
    assert casey.press("/bar/sold-out/item/flat-white/", sold_out="today").status_code == 403
    assert casey.get("/bar/sold-out/").status_code == 403


def test_the_bar_slows_down_and_comes_back(bao: Crew) -> None:
    before = wait_now().most
    assert bao.press("/bar/pace/slow/", extra="5").status_code == 200
    assert wait_now().most == before + 5
    assert bao.press("/bar/pace/slow/", extra="7").status_code == 422
    assert bao.press("/bar/pace/usual/").status_code == 200
    assert wait_now().most == before
    assert bao.press("/bar/pace/sideways/").status_code == 404


def test_two_stations_make_one_order_and_neither_waits_for_the_other(bao: Crew) -> None:
    order = an_order(stations=[Station.BAR, Station.FOOD])
    ann = Crew("Ann", "barista")
    assert ann.press(f"/bar/{order.hex}/station-ready/", station="food").status_code == 200
    assert event_types_of(order)[-2:] == ["PreparationStarted", "LinePrepared"]
    late = bao.press(f"/bar/{order.hex}/station-ready/", station="food")
    assert (late.status_code, late.json()["code"]) == (409, "line_is_done")
    assert bao.press(f"/bar/{order.hex}/station-ready/", station="attic").status_code == 422
    assert bao.press(f"/bar/{order.hex}/line-ready/", line="1").status_code == 200
    assert event_types_of(order)[-2:] == ["LinePrepared", "CoffeePrepared"]


def test_one_tap_takes_and_makes_an_order_of_one_line(bao: Crew) -> None:
    order = an_order()
    refused = bao.press(f"/bar/{order.hex}/one-tap/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_one_tap")
    Crew("Ada", "manager").press("/manage/settings/one_tap/", value="yes")
    assert bao.press(f"/bar/{order.hex}/one-tap/").status_code == 200
    assert event_types_of(order)[-2:] == ["PreparationStarted", "CoffeePrepared"]


def test_a_manager_chooses_how_things_are() -> None:
    ada = Crew("Ada", "manager")
    assert ada.press("/manage/settings/one_tap/", value="yes").status_code == 200
    assert shop_now().setting("one_tap") is True
    assert ada.press("/manage/settings/promise_minutes/", value="10").status_code == 200
    assert shop_now().promise_seconds == 600
    assert wait_now().promised_seconds == 600
    page = ada.get("/manage/settings/").content.decode()
    assert '<option value="yes" selected>' in page
    assert ada.press("/manage/settings/one_tap/", value="perhaps").status_code == 422
    assert ada.press("/manage/settings/colour/", value="blue").status_code == 422
    assert Crew("Bao", "barista").get("/manage/settings/").status_code == 403

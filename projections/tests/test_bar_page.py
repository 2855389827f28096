"""The bar's queue as a page: everything to make an order stands on its card, in words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.domain.cups import Cup, written
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    CustomerForgotten,
    LinePrepared,
    OrderCancelled,
    OrderHeld,
    OrderPrioritised,
    OrderServed,
    PreparationStarted,
    RushReason,
    WaitsFor,
)
from projections.screens.barista_queue.pace import bar_pace
from projections.screens.barista_queue.ticket import QueueTicket
from projections.screens.sales.figures import sales_of_day
from projections.tests.at_a_screen import (
    BOTH,
    actor_named,
    member,
    page,
    shown,
    snapshot_of,
    without_tokens,
)
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def log() -> InMemoryLog:
    return InMemoryLog()


@pytest.fixture
def bao() -> Client:
    return member("barista", "Bao")


def test_an_empty_bar_says_so(bao: Client) -> None:
    assert "All caught up" in page(bao, "/bar/")


def test_a_new_order_offers_to_be_taken(bao: Client, log: InMemoryLog) -> None:
    log.write(order_stream_number(1), ordered(1, items=2))
    shown(log)
    html = page(bao, "/bar/")
    assert f'action="/bar/{order_hex(1)}/take/"' in html
    for words in ("001", "Helen", "UNPAID", "SUB oat milk", "2×"):
        assert words in html


def test_only_the_button_of_the_next_step_is_there(bao: Client, log: InMemoryLog) -> None:
    stream = order_stream_number(1)
    log.write(stream, ordered(1, items=2), PreparationStarted(barista=actor_named("Bao")))
    log.write(stream, LinePrepared(line=1))
    shown(log)
    html = page(bao, "/bar/")
    for action in ("tick", "untick", "ready", "release", "take-over"):
        assert f'action="/bar/{order_hex(1)}/{action}/"' in html
    assert f'action="/bar/{order_hex(1)}/take/"' not in html
    assert 'data-confirm="Tap again: 1 open"' in html
    assert "Bao" in html


def test_a_cancelled_order_in_the_making_asks_what_became_of_it(
    bao: Client, log: InMemoryLog
) -> None:
    stream = order_stream_number(1)
    log.write(stream, ordered(1), PreparationStarted(barista="staff-1"))
    log.write(stream, OrderCancelled(reason="out of oat milk", by_shop=True))
    shown(log)
    html = page(bao, "/bar/")
    assert "STOP – cancelled" in html
    assert "out of oat milk" in html
    assert 'value="stopped in time"' in html
    assert 'value="wasted"' in html


def test_an_allergy_is_said_in_a_strip_of_its_own(bao: Client, log: InMemoryLog) -> None:
    log.write(order_stream_number(1), ordered(1, note="Allergy: nuts!"))
    log.write(order_stream_number(2), ordered(2, note="for here"))
    shown(log)
    html = page(bao, "/bar/").partition('id="drinks"')[0]
    assert html.count("⚠ ALLERGY") == 1
    assert "nuts!" in html
    assert 'class="note">for here' in html


@pytest.mark.parametrize(
    ("reasons", "badge"),
    [
        ([BringBackReason.MISBUMP], ">PUT BACK<"),
        ([BringBackReason.REMAKE], ">REMAKE<"),
        ([BringBackReason.SPILLED], ">REMAKE – SPILLED<"),
        ([BringBackReason.SPILLED, BringBackReason.MISBUMP], ">REMAKE – SPILLED<"),
    ],
)
def test_what_came_back_says_why(
    bao: Client, log: InMemoryLog, reasons: list[BringBackReason], badge: str
) -> None:
    stream = order_stream_number(1)
    log.write(stream, ordered(1), PreparationStarted(barista="staff-1"))
    for reason in reasons:
        log.write(stream, CoffeePrepared(desk=1), BroughtBack(reason=reason, lines=()))
    shown(log)
    assert badge in page(bao, "/bar/")


def test_what_is_made_again_stands_before_what_waits(bao: Client, log: InMemoryLog) -> None:
    first, second = order_stream_number(1), order_stream_number(2)
    log.write(first, ordered(1), PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1))
    log.write(second, ordered(2))
    shown(log)
    log.write(first, OrderServed(), BroughtBack(reason=BringBackReason.WRONG, lines=()))
    shown(log)
    html = page(bao, "/bar/")
    assert html.index('data-number="001"') < html.index('data-number="002"')


def test_the_bar_of_the_past_lists_what_was_done_by_then(bao: Client, log: InMemoryLog) -> None:
    for number in (1, 2):
        stream = order_stream_number(number)
        log.write(stream, ordered(number), after=60)
        log.write(stream, PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1), after=60)
        log.write(stream, OrderServed(), after=60)
    shown(log)
    first_served = log.events[3].recorded_at
    done = page(bao, f"/bar/?at={first_served:%Y-%m-%dT%H:%M:%S}Z").partition("Done last")[2]
    assert f"done-{order_hex(1)}" in done
    assert f"done-{order_hex(2)}" not in done


def test_bar_and_sales_say_the_same_of_the_same_orders(bao: Client, log: InMemoryLog) -> None:
    remade = order_stream_number(1)
    log.write(remade, ordered(1), after=60)
    log.write(remade, PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1), after=60)
    log.write(remade, BroughtBack(reason=BringBackReason.WRONG, lines=()), after=60)
    late = order_stream_number(2)
    log.write(late, ordered(2), after=60)
    log.write(late, PreparationStarted(barista="staff-1"), after=600)
    log.write(late, CoffeePrepared(desk=1), after=60)
    log.write(remade, PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1), after=60)
    shown(log)
    pace = bar_pace(log.events[-1].recorded_at, minutes=60)
    figures = sales_of_day(OPENING.date()).figures
    assert (pace.made, pace.on_time_percent) == (2, 50)
    assert (figures.made, figures.on_time_percent) == (2, 50)


def test_who_may_not_prepare_sees_no_buttons_of_the_bar(bao: Client, log: InMemoryLog) -> None:
    assert "only-looking" not in page(bao, "/bar/")
    cashiers = page(member("cashier"), "/bar/")
    assert "only-looking" in cashiers
    assert "Sold out …" not in cashiers


def test_one_drink_is_ready_in_two_taps(bao: Client, log: InMemoryLog) -> None:
    for number, items in ((1, 1), (2, 2)):
        stream = order_stream_number(number)
        log.write(stream, ordered(number, items=items), PreparationStarted(barista="staff-1"))
    shown(log)
    one, two = page(bao, "/bar/").split('data-number="002"')
    assert "Tap again" not in one
    assert "Tap again: 2 open" in two


def test_a_finished_order_is_found_by_number_and_by_name(bao: Client, log: InMemoryLog) -> None:
    for number in range(1, 31):
        stream = order_stream_number(number)
        log.write(stream, ordered(number, name=f"Guest {number}"))
        log.write(stream, PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1))
        log.write(stream, OrderServed())
    shown(log)
    assert f"done-{order_hex(3)}" not in page(bao, "/bar/")
    for wanted in ("3", "003", "Guest+3"):
        html = page(bao, f"/bar/?done={wanted}")
        assert f'action="/bar/{order_hex(3)}/bring-back/"' in html
    assert "Nothing done under" in page(bao, "/bar/?done=Nobody")


def test_a_line_says_whose_it_is_until_they_are_forgotten(bao: Client, log: InMemoryLog) -> None:
    cups = written({1: Cup("Maximilian", "no lid")})
    log.write(order_stream_number(1), replace(ordered(1), cups=cups))
    shown(log)
    html = page(bao, "/bar/")
    assert "for Maximilian" in html
    assert "“no lid”" in html
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    shown(log)
    assert "Maximilian" not in page(bao, "/bar/")


def test_what_is_ready_and_not_fetched_is_called_so_after_ten_minutes(
    bao: Client, log: InMemoryLog
) -> None:
    for number in (1, 2):
        stream = order_stream_number(number)
        log.write(stream, ordered(number), PreparationStarted(barista="staff-1"))
        log.write(stream, CoffeePrepared(desk=1))
    log.write(order_stream_number(2), OrderServed())
    shown(log)
    ready_at = QueueTicket.objects.get(order=order_hex(1)).ready_at
    assert ready_at
    html = page(bao, "/bar/")
    assert html.count("data-shown-from=") == 1
    stands_since = timezone.localtime(ready_at + timedelta(minutes=10))
    assert f'data-shown-from="{stands_since.isoformat()}"' in html


def test_the_figures_under_the_queue_bring_what_the_shop_chose(
    bao: Client, log: InMemoryLog
) -> None:
    shown(log)
    assert 'data-amber-percent="75"' in page(bao, "/bar/pace/")


def test_the_page_and_the_push_show_the_same(bao: Client, log: InMemoryLog) -> None:
    log.write(order_stream_number(1), ordered(1, items=3, note="Allergy: nuts"))
    stream = order_stream_number(2)
    log.write(stream, ordered(2), PreparationStarted(barista="staff-1"), LinePrepared(line=1))
    stream = order_stream_number(3)
    log.write(stream, ordered(3), PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1))
    shown(log)
    html = without_tokens(page(bao, "/bar/"))
    fragments = snapshot_of("barista-queue")
    assert len(fragments) == 7, "three orders, how many there are besides, counts, and drinks"
    for fragment in fragments:
        assert fragment.html is not None
        assert without_tokens(fragment.html) in html


def test_what_customers_type_stays_text(bao: Client, log: InMemoryLog) -> None:
    attack = "<script>alert(1)</script>"
    log.write(order_stream_number(1), ordered(1, name=attack, note=f"Allergy: {attack}"))
    shown(log)
    pushed = "".join(fragment.html or "" for fragment in snapshot_of("barista-queue"))
    for html in (page(bao, "/bar/"), pushed):
        assert attack not in html
        assert "&lt;script&gt;" in html


def test_the_past_has_no_buttons(bao: Client, log: InMemoryLog) -> None:
    stream = order_stream_number(1)
    log.write(stream, ordered(1), after=60)
    log.write(stream, PreparationStarted(barista="staff-1"), after=60)
    log.write(stream, CoffeePrepared(desk=1), OrderServed(), after=60)
    shown(log)
    then = (OPENING.replace(minute=2, second=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    html = page(bao, f"/bar/?at={then}")
    assert "HISTORY" in html
    assert f'id="ticket-{order_hex(1)}"' in html
    assert "/bar/" + order_hex(1) not in html
    assert "data-live=" not in html
    assert f'id="ticket-{order_hex(1)}"' not in page(bao, "/bar/")


@pytest.mark.parametrize("at", ["yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none_is_refused_in_words(bao: Client, at: str) -> None:
    response = bao.get("/bar/", {"at": at})
    assert response.status_code == 422
    assert "2026-03-01T11:05:00" in response.content.decode()


def test_the_pace_is_asked_for_alone(bao: Client) -> None:
    assert "nothing was called ready" in page(bao, "/bar/pace/")


@pytest.mark.parametrize("path", ["/bar/", "/bar/pace/"])
def test_who_may_see_the_bar(path: str) -> None:
    assert Client().get(path)["Location"].startswith("/staff/login/")
    assert member("cashier").get(path).status_code == 200
    assert member("manager").get(path).status_code == 200
    assert member("barista").post(path).status_code == 405


def test_what_goes_first_says_so_on_hold_too(bao: Client, log: InMemoryLog) -> None:
    held = OrderHeld(reason="something is missing", minutes=0)
    rushed, remade, usual = (order_stream_number(number) for number in (1, 2, 3))
    log.write(rushed, ordered(1), OrderPrioritised(reason=RushReason.WAITED_LONG), held)
    log.write(remade, ordered(2), CoffeePrepared(desk=1))
    log.write(remade, BroughtBack(reason=BringBackReason.SPILLED, lines=()), held)
    log.write(usual, ordered(3), held)
    shown(log)
    rail = page(bao, "/bar/").partition('data-slot="held"')[2].partition("</ol>")[0]
    first, second, third = rail.split('<span class="why">')[1:]
    assert "RUSH" in first + second
    assert "REMAKE" in first + second
    assert third.startswith("something is missing")


def test_an_order_for_later_is_not_ended_with_the_others_when_the_bar_closes(
    log: InMemoryLog,
) -> None:
    pick_up_at = "2026-05-05T09:30:00+00:00"
    tomorrow = replace(ordered(2), waits_for=WaitsFor.TIME, pick_up_at=pick_up_at)
    log.write(order_stream_number(1), ordered(1))
    log.write(order_stream_number(2), tomorrow)
    shown(log)
    assert "to be picked up later · until Tue " in page(member("barista", "Bao"), "/bar/")
    today, later = page(member("manager", "Ada"), "/bar/close/").split('<th scope="row">')[1:]
    assert f'name="ending-{order_hex(1)}"' in today
    assert '<option value="cancelled" selected>' in today
    assert f'name="later-{order_hex(2)}"' in later
    assert " selected>" not in later
    assert "to be picked up later until Tue" in later

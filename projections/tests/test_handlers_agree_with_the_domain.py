"""What the rows say is what the domain's own fold says, whatever the rules allow to happen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.domain.events import Tender
from orders.domain.order_status import Money, Progress, fold
from orders.domain.streams import ORDER, category_of
from projections import barista_queue, cashier_desk, daily_sales, order_tracking, pickup_board
from projections.models import (
    Balance,
    BoardEntry,
    ItemSales,
    SalesOfDay,
    SalesOfMinute,
    Ticket,
    TicketState,
    TrackedOrder,
)
from projections.tests.paper_log import PaperLog
from projections.tests.projecting import folded
from projections.tests.shop_day import random_day

OVER = (Progress.SERVED, Progress.NOT_COLLECTED, Progress.CANCELLED)
seeds = st.integers(0, 100_000)
few = settings(max_examples=40, deadline=None)


def streams(log: PaperLog) -> list[str]:
    return sorted({one.stream for one in log.events if category_of(one.stream) == ORDER})


@few
@given(seeds)
def test_a_ticket_is_where_the_bar_is_with_the_order(seed: int) -> None:
    log = random_day(seed)
    rows = folded(barista_queue.PROJECTION, log)
    for ticket in rows.all(Ticket):
        status = fold(log.facts(f"order-{ticket.order}"))
        assert ticket.progress is status.progress
        assert ticket.barista == status.ticket.barista
        assert {line["line"] for line in ticket.lines if line["ticked"]} == {
            line.line for line in status.lines if line.line in status.ticket.ticked
        }
        assert ticket.is_open == (
            status.progress in (Progress.WAITING, Progress.MAKING)
            or ticket.state == TicketState.STOPPING
        )
        assert ticket.promised_at == status.promised_at
        assert ticket.ready_at == status.times.ready or status.progress in OVER


@few
@given(seeds)
def test_a_balance_is_what_payment_knows(seed: int) -> None:
    log = random_day(seed)
    for balance in folded(cashier_desk.PROJECTION, log).all(Balance):
        status = fold(log.facts(f"order-{balance.order}"))
        assert balance.money == status.money
        assert balance.due == status.due
        assert balance.progress is status.progress
        assert balance.can_serve == status.can_serve
        assert balance.can_take_money == (status.can_pay)


@few
@given(seeds)
def test_the_board_shows_exactly_what_is_waited_for(seed: int) -> None:
    log = random_day(seed)
    for entry in folded(pickup_board.PROJECTION, log).all(BoardEntry):
        status = fold(log.facts(f"order-{entry.order}"))
        assert entry.progress is status.progress
        assert (entry.slot == "") == (status.progress in OVER)
        assert (entry.slot == "ready") == (status.progress is Progress.READY)


@few
@given(seeds)
def test_tracking_tells_the_whole_story(seed: int) -> None:
    log = random_day(seed)
    for order in folded(order_tracking.PROJECTION, log).all(TrackedOrder):
        status = fold(log.facts(f"order-{order.order}"))
        del order.status  # what follows is read from the row, as a page does
        assert order.status.times == status.times
        assert order.status.balance == status.balance
        assert order.status.ticket == status.ticket
        assert order.headline


@few
@given(seeds)
def test_the_days_sales_are_the_sum_of_the_facts(seed: int) -> None:
    log = random_day(seed)
    rows = folded(daily_sales.PROJECTION, log)
    statuses = [fold(log.facts(stream)) for stream in streams(log)]
    (day,) = rows.all(SalesOfDay)
    paid = [one.balance.paid for one in statuses if one.balance.paid]
    assert day.orders == len(statuses)
    assert day.cancelled == sum(1 for one in statuses if one.cancellation)
    assert day.taken == sum(one.amount for one in paid)
    assert day.cash == sum(one.amount for one in paid if one.tender is Tender.CASH)
    assert day.net == day.taken - sum(
        one.balance.paid.amount
        for one in statuses
        if one.money is Money.REFUNDED and one.balance.paid
    )
    kept = [one for one in statuses if not one.cancellation]
    assert day.ordered == sum(line.unit_price * line.quantity for o in kept for line in o.lines)
    assert day.items == sum(line.quantity for o in kept for line in o.lines)
    assert day.items == sum(one.quantity for one in rows.all(ItemSales))
    assert day.ordered == sum(one.amount for one in rows.all(ItemSales))


@few
@given(seeds)
def test_the_minutes_of_a_day_add_up_to_the_day(seed: int) -> None:
    rows = folded(daily_sales.PROJECTION, random_day(seed))
    (day,) = rows.all(SalesOfDay)
    minutes = rows.all(SalesOfMinute)
    for name in SalesOfDay.FIGURES:
        assert getattr(day, name) == sum(getattr(one, name) for one in minutes), name


@few
@given(seeds)
def test_an_order_leaves_the_screens_only_when_money_and_coffee_are_settled(seed: int) -> None:
    log = random_day(seed)
    balances = {one.order: one for one in folded(cashier_desk.PROJECTION, log).all(Balance)}
    tickets = {one.order: one for one in folded(barista_queue.PROJECTION, log).all(Ticket)}
    for order in folded(order_tracking.PROJECTION, log).all(TrackedOrder):
        shown = not balances[order.order].settled or tickets[order.order].is_open
        assert (order.until is None) == shown

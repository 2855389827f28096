"""A held order goes on by itself, once, also after a restart; each timer ends its own hold."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import localtime

from orders.command_handler import handle
from orders.domain import ordering, preparation
from orders.domain.events import Disposition, WaitsFor
from orders.domain.pick_ups import TakeSlot
from orders.domain.streams import id_of, pick_ups_stream
from orders.reactions.tests.reactor_at_work import STREAM, ShopAtWork
from orders.reactions.timers import StoredTimers
from orders.tests.shop_cast import NOON, envelope, latte_order


@pytest.fixture
def shop() -> ShopAtWork:
    shop = ShopAtWork()
    shop.order()
    return shop


AT_ONE = localtime(NOON + timedelta(hours=1))


@pytest.fixture
def shop_for_later() -> ShopAtWork:
    """An order of noon, to be picked up an hour later."""
    shop = ShopAtWork()
    later = replace(latte_order(), waits_for=WaitsFor.TIME, pick_up_at=AT_ONE.isoformat())
    handle(STREAM, later, store=shop.log)
    return shop


def hold(shop: ShopAtWork, minutes: int) -> None:
    command = preparation.HoldOrder(
        command_id=uuid4(),
        at=shop.now,
        actor="staff-1",
        barista="staff-1",
        reason="on the way",
        minutes=minutes,
    )
    handle(STREAM, command, store=shop.log)


def resume(shop: ShopAtWork) -> None:
    handle(STREAM, preparation.ResumeOrder(**envelope()), store=shop.log)


def test_a_held_order_goes_on_when_its_time_is_over(shop: ShopAtWork) -> None:
    hold(shop, 10)
    reactor = shop.react()
    shop.later(reactor, 599)
    assert shop.types[-1] == "OrderHeld"

    shop.later(reactor, 2)

    assert shop.types[-1] == "OrderResumed"
    shop.later(reactor, 60)
    assert shop.types.count("OrderResumed") == 1
    assert shop.timers.timers == {}


def test_a_restart_forgets_no_hold(shop: ShopAtWork) -> None:
    hold(shop, 10)
    shop.react()

    shop.later(shop.reactor(), 601)

    assert shop.types[-1] == "OrderResumed"


def test_a_hold_of_an_order_that_is_off_ends_without_a_word(shop: ShopAtWork) -> None:
    hold(shop, 10)
    reactor = shop.react()
    shop.cancel()

    shop.later(reactor, 601)

    assert "OrderResumed" not in shop.types
    assert shop.timers.timers == {}


def test_an_order_held_until_somebody_says_so_waits(shop: ShopAtWork) -> None:
    hold(shop, 0)
    reactor = shop.react()

    shop.later(reactor, 24 * 3600)

    assert shop.types[-1] == "OrderHeld"


def test_the_end_of_an_earlier_hold_does_not_end_a_later_one(shop: ShopAtWork) -> None:
    hold(shop, 10)
    reactor = shop.react()
    shop.later(reactor, 60)
    resume(shop)
    hold(shop, 0)

    shop.later(reactor, 600)

    assert shop.types[-1] == "OrderHeld"
    assert shop.timers.timers == {}


def test_what_the_bar_stopped_when_asked_is_cancelled_and_its_money_goes_back(
    shop: ShopAtWork,
) -> None:
    shop.pay()
    shop.react()
    take = preparation.StartPreparation(**envelope(), barista="staff-1")
    stop = preparation.StopPreparation(**envelope(), disposition=Disposition.WASTED)
    for command in (take, ordering.AskToStop(**envelope()), stop):
        handle(STREAM, command, store=shop.log)

    shop.react()

    assert shop.types[-3:] == ["OrderCancelled", "RefundStarted", "PaymentRefunded"]
    assert shop.bank.balance == 0


@pytest.mark.django_db
def test_timers_are_kept_in_a_table() -> None:
    timers, event_id = StoredTimers(), uuid4()
    timers.start(event_id, STREAM, NOON)
    timers.start(event_id, STREAM, NOON.replace(hour=23))

    assert timers.over(NOON.replace(hour=11)) == []
    assert [timer.stream for timer in timers.over(NOON)] == [STREAM]
    timers.done(event_id)
    assert timers.over(NOON) == []


def test_an_order_for_later_begins_by_itself_in_time(shop_for_later: ShopAtWork) -> None:
    shop = shop_for_later
    reactor = shop.react()
    assert shop.types == ["CoffeeOrdered"]

    shop.later(reactor, 50 * 60)
    assert shop.types == ["CoffeeOrdered"]
    shop.later(reactor, 7 * 60)

    assert shop.types == ["CoffeeOrdered", "OrderResumed"]
    assert shop.timers.timers == {}


def test_a_cancelled_order_gives_its_slot_back(shop_for_later: ShopAtWork) -> None:
    shop = shop_for_later
    taken = TakeSlot(
        **envelope(), slot="13:00", order=id_of(STREAM), work_seconds=60, room_seconds=300
    )
    handle(pick_ups_stream(AT_ONE.date()), taken, store=shop.log)
    reactor = shop.react()

    shop.cancel()
    shop.later(reactor, 1)

    names = [event.type_name for event in shop.log.read_stream(pick_ups_stream(AT_ONE.date()))]
    assert names == ["PickUpSlotTaken", "PickUpSlotFreed"]


def test_what_waits_for_its_payment_begins_when_it_is_paid() -> None:
    shop = ShopAtWork()
    handle(STREAM, replace(latte_order(), waits_for=WaitsFor.PAYMENT), store=shop.log)
    shop.pay()

    shop.react()

    assert shop.types == ["CoffeeOrdered", "PaymentStarted", "OrderPaid", "OrderResumed"]

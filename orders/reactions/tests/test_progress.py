"""What is said about the reactor from outside: how far behind, what is open for too long."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from orders.command_handler import handle
from orders.domain import ordering, payment
from orders.event_store import NewStoredEvent, StoredEvent, StoreUnavailable
from orders.reactions.checkpoint import StoredCheckpoint
from orders.reactions.parking import StoredParking
from orders.reactions.progress import COUNTED_TO, ReactorProgress, reactor_progress
from orders.reactions.tests.bank import Bank
from orders.reactions.tests.reactor_at_work import STREAM, ShopAtWork
from orders.tests.log_in_memory import RECORDED_AT, LogInMemory
from orders.tests.shop_cast import envelope, latte_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> ShopAtWork:
    """A shop whose reactor keeps its position in the table."""
    shop = ShopAtWork()
    shop.checkpoint = StoredCheckpoint()  # type: ignore[assignment]
    shop.parking = StoredParking()  # type: ignore[assignment]
    return shop


def seen(shop: ShopAtWork, after: float) -> ReactorProgress:
    """What is said so many seconds after everything was recorded."""
    return reactor_progress(RECORDED_AT + timedelta(seconds=after), shop.log)


def test_a_reactor_that_has_done_everything_is_not_behind(shop: ShopAtWork) -> None:
    shop.order()
    shop.pay()
    shop.react()

    progress = seen(shop, 600)

    assert (progress.events_behind, progress.seconds_behind) == (0, 0.0)
    assert (progress.overdue, progress.parked, progress.is_behind) == ((), 0, False)


def test_a_reactor_that_never_ran_is_behind_by_all_there_is(shop: ShopAtWork) -> None:
    shop.order()
    shop.pay()

    progress = seen(shop, 7)

    assert (progress.events_behind, progress.seconds_behind) == (2, 7.0)
    assert progress.is_behind


def test_an_open_payment_is_overdue_after_a_minute_and_nothing_is_behind() -> None:
    shop = ShopAtWork(bank=Bank(deaf=10))
    shop.checkpoint = StoredCheckpoint()  # type: ignore[assignment]
    shop.order()
    shop.pay()
    shop.react()

    assert seen(shop, 59).overdue == ()
    progress = seen(shop, 60)

    (overdue,) = progress.overdue
    assert (overdue.number, overdue.is_refund) == (latte_order().number, False)
    assert f"order-{overdue.order}" == STREAM
    assert (progress.events_behind, progress.is_behind) == (0, False)


def test_a_refund_that_is_open_for_over_a_minute_is_overdue_too(shop: ShopAtWork) -> None:
    shop.order()
    shop.pay()
    shop.react()
    shop.start_refund()

    (overdue,) = seen(shop, 61).overdue

    assert overdue.is_refund


def test_a_payment_that_cannot_be_read_is_overdue_when_it_is_parked(shop: ShopAtWork) -> None:
    shop.order()
    shop.pay()
    shop.log.events[1] = replace(shop.log.events[1], data=b"{}")
    reactor = shop.react()
    for _ in range(5):
        shop.later(reactor, 2)

    progress = seen(shop, 61)

    assert (progress.parked, progress.events_behind) == (1, 0)
    assert [payment.stream for payment in progress.overdue] == [STREAM]


def test_a_dead_reactor_behind_more_than_is_counted(shop: ShopAtWork) -> None:
    shop.order()
    shop.react()
    shop.pay()
    cancel = ordering.CancelOrder(**envelope(), reason="no milk", by_shop=True)
    other = "order-" + "0b" * 16
    handle(other, latte_order(), store=shop.log)
    handle(other, cancel, store=shop.log)
    last = shop.log.events[-1]
    shop.log.events += [
        replace(last, event_id=uuid4(), stream=other, position=last.position + n)
        for n in range(1, COUNTED_TO + 5)
    ]

    progress = seen(shop, 61)

    assert progress.is_many
    assert [payment.stream for payment in progress.overdue] == [STREAM]


def test_while_the_log_is_away_nobody_knows() -> None:
    class Away(LogInMemory):
        def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
            raise StoreUnavailable

        def append(
            self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
        ) -> int:
            raise StoreUnavailable

    progress = reactor_progress(RECORDED_AT, Away())

    assert (progress.events_behind, progress.seconds_behind) == (None, None)
    assert not progress.is_behind


def test_cash_for_another_order_ends_no_card_payment(shop: ShopAtWork) -> None:
    shop.order()
    shop.pay()
    other = "order-" + "0b" * 16
    handle(other, latte_order(), store=shop.log)
    handle(other, payment.TakeCash(**envelope(), payment="p1", given=570), store=shop.log)

    assert len(seen(shop, 61).overdue) == 1

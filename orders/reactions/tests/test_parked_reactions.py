"""An event that cannot be dealt with holds up its own stream only, until somebody decides."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from orders.command_handler import handle
from orders.domain import payment
from orders.event_store import StoredEvent
from orders.payments.gateway import Refunded, RefundRefused
from orders.reactions.parking import (
    AlreadyDecided,
    ParkedReaction,
    ParkedState,
    StoredParking,
    parked_reactions,
    retry,
    skip,
)
from orders.reactions.reactions import TRIES_OF_ALL_ELSE, TRIES_OF_THE_UNREADABLE
from orders.reactions.reactor import Reactor
from orders.reactions.tests.bank import Bank
from orders.reactions.tests.reactor_at_work import PAYMENT, PRICE, STREAM, ShopAtWork
from orders.tests.log_in_memory import RECORDED_AT
from orders.tests.shop_cast import envelope, latte_order

OTHER = "order-" + "0b" * 16


@pytest.fixture
def shop() -> ShopAtWork:
    """An order, and a payment for it that nobody here can read."""
    shop = ShopAtWork()
    shop.order()
    shop.pay()
    spoil(shop)
    return shop


def spoil(shop: ShopAtWork, revision: int = 1) -> bytes:
    """Make an event unreadable; what it said before."""
    said = shop.log.events[revision].data
    shop.log.events[revision] = replace(shop.log.events[revision], data=b"{}")
    return said


def mend(shop: ShopAtWork, said: bytes, revision: int = 1) -> None:
    """The program can read the event again, as after an upgrade."""
    shop.log.events[revision] = replace(shop.log.events[revision], data=said)


def tried(shop: ShopAtWork) -> Reactor:
    """A reactor that has tried what there is, for half a minute."""
    reactor = shop.react()
    for _ in range(30):
        shop.later(reactor, 1)
    return reactor


def parked(shop: ShopAtWork) -> list[str]:
    return [event.type_name for event in shop.parking.load()]


def counted() -> dict[str, float]:
    name = "barstucks_reactions_total"
    return {
        how: REGISTRY.get_sample_value(name, {"how": how}) or 0.0
        for how in ("done", "failed", "parked")
    }


def test_each_try_is_counted_by_what_came_of_it(shop: ShopAtWork) -> None:
    before = counted()
    tried(shop)
    came = {how: number - before[how] for how, number in counted().items()}

    assert came == {"done": 1, "failed": TRIES_OF_THE_UNREADABLE - 1, "parked": 1}


def test_an_unreadable_event_is_parked_and_the_checkpoint_goes_on(shop: ShopAtWork) -> None:
    reactor = shop.react()
    assert shop.checkpoint.position == shop.log.events[0].position

    for _ in range(TRIES_OF_THE_UNREADABLE):
        shop.later(reactor, 2)

    assert parked(shop) == ["PaymentStarted"]
    assert shop.parking.events[0].error.startswith("Undecodable: Event 1 of")
    assert reactor.open == 0
    assert shop.checkpoint.position == shop.log.head()


def test_later_events_of_its_stream_wait_and_other_streams_go_on(shop: ShopAtWork) -> None:
    reactor = tried(shop)
    shop.cancel()
    handle(OTHER, latte_order(), store=shop.log)
    pay = payment.StartCardPayment(**envelope(), payment=uuid4().hex, card_token="card")
    handle(OTHER, pay, store=shop.log)

    shop.later(reactor, 2)

    assert parked(shop) == ["PaymentStarted", "OrderCancelled"]
    assert [event.is_waiting for event in shop.parking.load()] == [False, True]
    assert "PreparationStopped" not in shop.types
    assert "OrderPaid" in shop.types
    assert shop.checkpoint.position == shop.log.head()


def test_what_is_parked_while_the_reactor_looks_what_is_parked_is_known_to_it(
    shop: ShopAtWork,
) -> None:
    """A look that began before must not make it forget what was parked meanwhile."""
    reactor = shop.react()
    for _ in range(TRIES_OF_THE_UNREADABLE - 2):  # the first was when it came
        shop.later(reactor, 2)
    looked, parking = threading.Event(), threading.Event()
    load, park = shop.parking.load, shop.parking.park

    def slow_load() -> list[ParkedReaction]:
        found = load()
        looked.set()
        parking.wait(0.5)
        return found

    def noted_park(stored: StoredEvent, error: BaseException | None) -> None:
        park(stored, error)
        parking.set()

    shop.parking.load, shop.parking.park = slow_load, noted_park  # type: ignore[method-assign]
    shop.now += timedelta(seconds=2)
    looking = threading.Thread(target=reactor._look_at_parked)
    looking.start()
    assert looked.wait(5)
    reactor._begin_what_is_due()  # its last try: it is parked
    looking.join(5)

    shop.cancel()
    shop.react(reactor)

    assert [event.is_waiting for event in load()] == [False, True]


def test_after_a_restart_nothing_parked_is_tried_again(shop: ShopAtWork) -> None:
    tried(shop)
    shop.checkpoint.start_over()
    appends, calls = shop.log.appends, list(shop.bank.calls)

    reactor = tried(shop)

    assert (parked(shop), reactor.open) == (["PaymentStarted"], 0)
    assert (shop.log.appends, shop.bank.calls) == (appends, calls)


def test_once_it_can_be_read_a_retry_deals_with_it_and_with_what_waits() -> None:
    shop = ShopAtWork()
    shop.order()
    shop.pay()
    said = spoil(shop)
    reactor = tried(shop)
    shop.cancel()
    shop.later(reactor, 2)

    mend(shop, said)
    shop.parking.events[0].state = ParkedState.RETRY.value
    for _ in range(6):
        shop.later(reactor, 2)

    assert parked(shop) == []
    assert shop.bank.charged == {PAYMENT: PRICE}
    assert "PreparationStopped" in shop.types
    assert shop.bank.balance == 0  # paid late for a cancelled order: given back


def test_a_retry_that_fails_again_stays_parked(shop: ShopAtWork) -> None:
    reactor = tried(shop)
    shop.parking.events[0].state = ParkedState.RETRY.value

    for _ in range(3):
        shop.later(reactor, 2)

    (event,) = shop.parking.events
    assert (event.state, event.attempts) == (ParkedState.PARKED, 2)


def test_what_waits_goes_on_when_the_event_before_it_is_left_out(shop: ShopAtWork) -> None:
    reactor = tried(shop)
    shop.cancel()
    shop.later(reactor, 2)

    shop.parking.events[0].state = ParkedState.SKIPPED.value
    shop.later(reactor, 2)

    assert shop.types[-1] == "PreparationStopped"
    left_out, next_one, stopped = shop.parking.load()  # nobody can say whether money is to go back
    assert (left_out.state, next_one.is_waiting) == (ParkedState.SKIPPED, False)
    assert stopped.is_waiting


def test_a_refund_that_the_bank_refuses_is_shown_to_somebody() -> None:
    class Refusing(Bank):
        def refund(self, key: str, payment_key: str, amount: int) -> Refunded:
            raise RefundRefused("That card is closed.")

    shop = ShopAtWork(bank=Refusing())
    shop.order()
    shop.pay()
    shop.react()
    shop.cancel()
    reactor = shop.react()
    for _ in range(TRIES_OF_ALL_ELSE):
        shop.later(reactor, 11)

    assert parked(shop) == ["RefundStarted"]
    assert shop.checkpoint.position == shop.log.head()


def test_what_passes_by_itself_is_never_parked() -> None:
    shop = ShopAtWork(bank=Bank(deaf=40))
    shop.order()
    shop.pay()

    reactor = shop.react()
    for _ in range(45):
        shop.later(reactor, 11)

    assert parked(shop) == []
    assert reactor.open == 0


def test_an_event_that_cannot_be_parked_holds_the_checkpoint(shop: ShopAtWork) -> None:
    shop.parking.away = True
    reactor = tried(shop)
    assert shop.checkpoint.position == shop.log.events[0].position

    shop.parking.away = False
    shop.later(reactor, 11)

    assert parked(shop) == ["PaymentStarted"]
    assert shop.checkpoint.position == shop.log.head()


# --- the table -----------------------------------------------------------------------------------


@pytest.fixture
def kept(db: None) -> StoredParking:
    """The table, with one event and another that waits behind it."""
    parking = StoredParking()
    for revision, error in enumerate((ValueError("spoiled"), None)):
        parking.park(recorded(revision), error)
    return parking


def recorded(revision: int) -> StoredEvent:
    return StoredEvent(
        event_id=uuid4(),
        type_name="PaymentStarted",
        data=b"{}",
        metadata=b"{}",
        stream=STREAM,
        revision=revision,
        position=100 * revision,
        recorded_at=RECORDED_AT,
    )


def test_to_park_twice_is_to_park_once(kept: StoredParking) -> None:
    event = recorded(7)
    for _ in range(2):
        kept.park(event, None)

    assert len(kept.load()) == 3
    kept.dealt_with(event.event_id)
    assert len(kept.load()) == 2


def test_somebody_decides_once_and_says_why(kept: StoredParking) -> None:
    event, _ = kept.load()
    skip(event.pk, "staff-1", "by hand")
    with pytest.raises(AlreadyDecided):
        retry(event.pk, "staff-2", "again")

    event.refresh_from_db()
    assert (event.state, event.decided_by, event.reason) == ("skipped", "staff-1", "by hand")
    assert [waiting.revision for waiting in parked_reactions()] == [1]


def test_a_failure_is_counted_and_changes_no_decision_to_leave_it_out(kept: StoredParking) -> None:
    event, waiting = kept.load()
    skip(event.pk, "staff-1", "by hand")
    for each in (event, waiting):
        kept.failed_again(each.event_id, ValueError("still"))

    states = list(ParkedReaction.objects.values_list("state", "error", "attempts"))
    assert states == [("skipped", "ValueError: spoiled", 1), ("parked", "ValueError: still", 2)]

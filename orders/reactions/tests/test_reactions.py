"""A payment succeeds or is rolled back; a cancelled order's money goes back; whatever fails."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from orders.command_handler import handle
from orders.domain import payment, preparation
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import Place
from orders.reactions.tests.reactor_at_work import PAYMENT, PRICE, STREAM, ShopAtWork
from orders.tests.shop_cast import envelope, latte_order


@pytest.fixture
def shop() -> ShopAtWork:
    shop = ShopAtWork()
    shop.order()
    return shop


def test_a_started_payment_is_charged_and_noted(shop: ShopAtWork) -> None:
    shop.pay()

    reactor = shop.react()

    assert shop.types[-1] == "OrderPaid"
    assert shop.bank.balance == PRICE
    assert (reactor.open, shop.checkpoint.position) == (0, shop.log.head())


def test_news_of_another_service_that_cannot_be_read_holds_up_no_payment(
    shop: ShopAtWork,
) -> None:
    start = preparation.StartPreparation(**envelope(), barista="staff-1")
    handle(STREAM, start, store=shop.log)
    newer = json.loads(shop.log.events[-1].metadata) | {"schema": 99}
    shop.log.events[-1] = replace(shop.log.events[-1], metadata=json.dumps(newer).encode())
    shop.pay()

    shop.react()

    assert shop.types[-1] == "OrderPaid"


def test_a_declined_card_is_noted_and_the_order_goes_on(shop: ShopAtWork) -> None:
    shop.bank.declines = True
    shop.pay()

    shop.react()

    assert shop.types[-1] == "PaymentDeclined"
    assert shop.balance.due == PRICE


def test_the_outcome_is_caused_by_the_intention(shop: ShopAtWork) -> None:
    shop.pay()
    shop.react()
    started, paid = (decode(event) for event in shop.log.events[-2:])

    assert started is not None
    assert paid is not None
    assert paid.causation_id == str(started.event_id)
    assert paid.correlation_id == started.correlation_id
    assert paid.actor == "reactor"


def test_a_charge_whose_response_is_lost_is_looked_up_and_not_made_again(shop: ShopAtWork) -> None:
    shop.bank.lose = 1
    shop.pay()
    reactor = shop.react()
    assert shop.types[-1] == "PaymentStarted"

    shop.later(reactor, 1)

    assert shop.bank.calls == ["charge", "status"]
    assert shop.types[-1] == "OrderPaid"


def test_a_request_that_was_lost_is_sent_again_with_the_same_key(shop: ShopAtWork) -> None:
    shop.bank.deaf = 1
    shop.pay()
    reactor = shop.react()

    shop.later(reactor, 1)

    assert shop.bank.calls == ["charge", "status", "charge"]
    assert shop.bank.balance == PRICE


def test_a_payment_without_a_word_is_called_off_and_rolled_back(shop: ShopAtWork) -> None:
    shop.bank.deaf = 3
    shop.pay()
    reactor = shop.react()
    shop.later(reactor, 10)
    assert shop.types[-1] == "PaymentStarted"

    shop.later(reactor, 51)
    shop.later(reactor, 10)

    assert shop.types[-1] == "PaymentRolledBack"
    assert shop.bank.cancelled
    assert (shop.bank.balance, shop.balance.due, reactor.open) == (0, PRICE, 0)


def test_a_payment_called_off_too_late_is_paid(shop: ShopAtWork) -> None:
    shop.bank.lose = 1
    shop.pay()
    reactor = shop.react()
    shop.bank.deaf = 1

    shop.later(reactor, 30)
    shop.later(reactor, 40)

    assert shop.types[-1] == "OrderPaid"
    assert shop.bank.balance == PRICE


def test_a_payment_found_open_long_afterwards_is_not_charged_any_more(shop: ShopAtWork) -> None:
    shop.pay()
    shop.now = shop.now.replace(hour=18)

    shop.react()

    assert shop.bank.calls == ["status", "cancel"]
    assert shop.types[-1] == "PaymentRolledBack"


def test_the_checkpoint_waits_for_an_open_payment_while_others_go_on(shop: ShopAtWork) -> None:
    before = shop.log.head()
    shop.bank.deaf = 1
    shop.pay()
    reactor = shop.react()
    assert (reactor.open, shop.checkpoint.position) == (1, before)

    shop.cancel()
    shop.react(reactor)

    assert "PreparationStopped" in shop.types
    assert shop.checkpoint.position == before
    shop.later(reactor, 5)
    assert (reactor.open, shop.checkpoint.position) == (0, shop.log.head())


def test_a_checkpoint_that_cannot_be_saved_holds_up_no_reaction(
    shop: ShopAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_position: int) -> None:
        raise TimeoutError("the table is locked")

    before = shop.checkpoint.position
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(shop.checkpoint, "save", locked)
        shop.pay()
        reactor = shop.react()
    assert (shop.types[-1], shop.checkpoint.position) == ("OrderPaid", before)

    shop.later(reactor, 1)

    assert shop.checkpoint.position == shop.log.head()


def test_while_it_is_busy_it_notes_once_a_second_how_far_it_is(
    shop: ShopAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    reactor = shop.react()
    saved: list[Place] = []
    monkeypatch.setattr(shop.checkpoint, "save", saved.append)
    for _ in range(20):
        handle(order_stream(uuid4()), latte_order(), store=shop.log)
        reactor.handle(shop.log.subscribe(reactor.load(shop.log.head)).events)
        shop.now += timedelta(seconds=0.1)
        reactor.each_turn()

    assert 1 <= len(saved) <= 3
    reactor.save()
    assert saved[-1].position == shop.log.head()


def test_after_a_lost_subscription_it_goes_on_behind_what_it_has_seen(shop: ShopAtWork) -> None:
    shop.bank.deaf = 1
    shop.pay()
    reactor = shop.react()
    assert shop.checkpoint.position != shop.log.head()

    assert reactor.load(shop.log.head) == shop.log.head()


def test_an_older_log_is_read_from_its_beginning(shop: ShopAtWork) -> None:
    shop.pay()
    reactor = shop.react()

    older_head = shop.log.head() - 1

    assert reactor.load(lambda: older_head) is None
    assert (shop.checkpoint.position, reactor.open) == (None, 0)
    shop.react(reactor)
    assert list(shop.bank.charged.values()) == [PRICE]


def test_a_cancelled_order_that_was_paid_is_refunded_once(shop: ShopAtWork) -> None:
    shop.pay()
    reactor = shop.react()
    shop.cancel()

    shop.react(reactor)

    assert shop.types.count("RefundStarted") == shop.types.count("PaymentRefunded") == 1
    assert shop.bank.balance == 0


def test_an_approval_after_the_cancellation_is_refunded_too(shop: ShopAtWork) -> None:
    shop.bank.lose = 1
    shop.pay()
    reactor = shop.react()
    shop.cancel()
    shop.react(reactor)
    assert "RefundStarted" not in shop.types

    shop.later(reactor, 5)

    assert shop.types[-3:] == ["OrderPaid", "RefundStarted", "PaymentRefunded"]
    assert shop.bank.balance == 0


def test_a_refund_whose_response_is_lost_is_sent_again(shop: ShopAtWork) -> None:
    shop.pay()
    reactor = shop.react()
    shop.bank.lose = 1
    shop.start_refund()
    shop.react(reactor)
    assert shop.types[-1] == "RefundStarted"

    shop.later(reactor, 5)

    assert shop.types[-1] == "PaymentRefunded"
    assert (shop.bank.calls.count("refund"), shop.bank.balance) == (2, 0)


def test_the_bar_learns_of_a_cancelled_order_nobody_had_started(shop: ShopAtWork) -> None:
    shop.cancel()

    shop.react()

    assert shop.types[-1] == "PreparationStopped"


def test_a_barista_who_is_making_it_decides_for_themselves(shop: ShopAtWork) -> None:
    command = preparation.StartPreparation(**envelope(), barista="staff-1")
    handle(STREAM, command, store=shop.log)
    shop.cancel()

    shop.react()

    assert shop.types[-1] == "OrderCancelled"


def test_cash_is_not_refunded_by_a_machine(shop: ShopAtWork) -> None:
    handle(
        STREAM,
        payment.TakeCash(**envelope(), payment="cash", given=600),
        store=shop.log,
    )
    shop.cancel()

    shop.react()

    assert "RefundStarted" not in shop.types


def test_reading_everything_again_changes_nothing_and_calls_nobody(shop: ShopAtWork) -> None:
    shop.pay()
    shop.react()
    shop.cancel()
    shop.react()
    events, calls = list(shop.log.events), list(shop.bank.calls)
    shop.checkpoint.position = None

    shop.react()

    assert (shop.log.events, shop.bank.calls) == (events, calls)


def test_two_reactors_at_once_charge_and_refund_once(shop: ShopAtWork) -> None:
    def another_reactor() -> None:
        shop.react()

    shop.pay()
    shop.log.before_append = another_reactor
    shop.react()
    shop.cancel()
    shop.log.before_append = another_reactor
    shop.react()

    assert shop.types.count("OrderPaid") == shop.types.count("PaymentRefunded") == 1
    assert len(shop.bank.charged) == len(shop.bank.refunded) == 1


def test_a_restored_log_that_has_gone_on_is_read_from_its_beginning(shop: ShopAtWork) -> None:
    shop.pay()
    shop.react()
    assert shop.types[-1] == "OrderPaid"
    checkpoint = shop.checkpoint.position
    assert checkpoint is not None

    # The backup has the intention, not its outcome; the orders behind it are others.
    del shop.log.events[shop.types.index("PaymentStarted") + 1 :]
    for _ in range(3):
        handle(order_stream(uuid4()), latte_order(), store=shop.log)
    assert shop.log.head() > checkpoint
    reactor = shop.react()

    assert "OrderPaid" in shop.types
    assert shop.bank.balance == PRICE
    assert (reactor.open, shop.checkpoint.position) == (0, shop.log.head())


def test_what_a_change_made_too_much_goes_back_to_the_card(shop: ShopAtWork) -> None:
    shop.pay()
    reactor = shop.react()
    shop.amend(PRICE - 100)
    shop.react(reactor)

    assert shop.types[-3:] == ["OrderAmended", "RefundStarted", "PaymentRefunded"]
    assert (shop.bank.balance, shop.balance.due, shop.balance.owed) == (PRICE - 100, 0, 0)


def test_each_further_difference_goes_back_and_at_last_the_rest(shop: ShopAtWork) -> None:
    shop.pay()
    reactor = shop.react()
    for price in (PRICE - 100, PRICE - 150):
        shop.amend(price)
        shop.react(reactor)
    assert sorted(shop.bank.refunded.values()) == [50, 100]
    shop.cancel()
    shop.react(reactor)

    assert (shop.bank.balance, shop.balance.owed, reactor.open) == (0, 0, 0)


def test_an_order_changed_while_its_difference_goes_back_has_the_next_one_too(
    shop: ShopAtWork,
) -> None:
    shop.pay()
    reactor = shop.react()
    shop.bank.deaf = 1
    shop.amend(PRICE - 100)
    shop.react(reactor)
    shop.amend(PRICE - 150)
    shop.react(reactor)
    shop.later(reactor, 5)
    shop.later(reactor, 5)

    assert shop.bank.balance == PRICE - 150
    assert shop.balance.owed == 0


def test_a_card_charged_for_more_than_the_changed_order_costs_gets_the_difference(
    shop: ShopAtWork,
) -> None:
    shop.bank.lose = 1
    shop.pay()
    reactor = shop.react()
    shop.amend(PRICE - 100)
    shop.react(reactor)
    shop.later(reactor, 1)

    assert shop.bank.charged == {PAYMENT: PRICE}
    assert shop.bank.balance == PRICE - 100


def test_what_a_change_made_dearer_is_due_and_moves_no_money(shop: ShopAtWork) -> None:
    shop.pay()
    reactor = shop.react()
    shop.amend(PRICE + 100)
    shop.react(reactor)

    assert shop.types[-1] == "OrderAmended"
    assert (shop.balance.due, shop.bank.balance) == (100, PRICE)

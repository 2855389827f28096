"""How an order is paid, and how money goes back."""

from dataclasses import replace

import pytest

from orders.domain.command import Command
from orders.domain.event import Event
from orders.domain.events import (
    OrderCancelled,
    OrderPaid,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    RefundStarted,
    Tender,
)
from orders.domain.ordering import ServeOrder
from orders.domain.payment import (
    SERVICE,
    GiveCashBack,
    RecordApproval,
    RecordDecline,
    RecordRefund,
    RecordRollBack,
    StartCardPayment,
    StartRefund,
    TakeCardByHand,
    TakeCash,
    WriteOff,
)
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyPaid,
    AlreadyRefunded,
    AlreadyWrittenOff,
    BadInput,
    NotEnoughCash,
    NothingDue,
    NothingPaid,
    NotPaidByCard,
    PaidByCard,
    PaymentUnderWay,
    RefundUnderWay,
    Refused,
    UnknownCommand,
    UnknownOrder,
    UnknownPayment,
)
from orders.domain.tests.cast import AMENDED, AMENDED_TOTAL, ENVELOPE, LATTE, ORDERED, TOTAL
from orders.domain.tests.specification import given

CARD = StartCardPayment(**ENVELOPE, payment="p1", card_token="demo-approve")
CASH = TakeCash(**ENVELOPE, payment="p2", given=2000)
BY_HAND = TakeCardByHand(**ENVELOPE, payment="p3")
APPROVED = RecordApproval(**ENVELOPE, payment="p1")
DECLINED = RecordDecline(**ENVELOPE, payment="p1", reason="limit")
ROLLED_BACK = RecordRollBack(**ENVELOPE, payment="p1", reason="no answer")
REFUND = StartRefund(**ENVELOPE, refund="r1", reason="cancelled")
REFUND_DONE = RecordRefund(**ENVELOPE, refund="r1")
HAND_BACK = GiveCashBack(**ENVELOPE, refund="r2")
WRITE_OFF = WriteOff(**ENVELOPE, reason="long wait")

STARTED = PaymentStarted(payment="p1", amount=TOTAL, currency="EUR", card_token="demo-approve")
PAID_BY_CARD = OrderPaid(payment="p1", amount=TOTAL, tender=Tender.CARD, given=TOTAL, change=0)
PAID_IN_CASH = OrderPaid(payment="p2", amount=TOTAL, tender=Tender.CASH, given=2000, change=850)
PAID_BY_HAND = replace(PAID_BY_CARD, payment="p3", tender=Tender.CARD_BY_HAND)
PAID_IN_THE_ARTICLE = OrderPaid(payment="", amount=None, tender=Tender.CARD, given=0, change=0)
CANCELLED = OrderCancelled(reason="", by_shop=False)
REFUND_STARTED = RefundStarted(refund="r1", payment="p1", amount=TOTAL, reason="cancelled")
REFUNDED = PaymentRefunded(refund="r1", payment="p1", amount=TOTAL, tender=Tender.CARD)
WRITTEN_OFF = PaymentWrittenOff(amount=TOTAL, reason="long wait")


def test_cash_pays_with_change() -> None:
    given(SERVICE, ORDERED).when(CASH).then(PAID_IN_CASH)


def test_exact_cash_pays_without_change() -> None:
    given(SERVICE, ORDERED).when(replace(CASH, given=TOTAL)).then(
        replace(PAID_IN_CASH, given=TOTAL, change=0)
    )


def test_too_little_cash_is_handed_back() -> None:
    refusal = given(SERVICE, ORDERED).when(replace(CASH, given=1000)).then_refused(NotEnoughCash)

    assert refusal.missing == 150
    assert refusal.sentence == "That is €1.50 too little."


def test_a_card_terminal_outside_the_software_pays() -> None:
    given(SERVICE, ORDERED).when(BY_HAND).then(PAID_BY_HAND)


def test_a_card_payment_is_an_intention_first() -> None:
    given(SERVICE, ORDERED).when(CARD).then(STARTED)


def test_a_card_payment_needs_a_card() -> None:
    given(SERVICE, ORDERED).when(replace(CARD, card_token="")).then_refused(BadInput)


def test_a_payment_succeeds() -> None:
    given(SERVICE, ORDERED, STARTED).when(APPROVED).then(PAID_BY_CARD)


def test_a_payment_is_declined_and_may_be_tried_again_under_a_new_id() -> None:
    declined = PaymentDeclined(payment="p1", reason="limit")

    given(SERVICE, ORDERED, STARTED).when(DECLINED).then(declined)
    given(SERVICE, ORDERED, STARTED, declined).when(CARD).then_refused(BadInput)
    given(SERVICE, ORDERED, STARTED, declined).when(CASH).then(PAID_IN_CASH)


def test_a_payment_is_rolled_back() -> None:
    given(SERVICE, ORDERED, STARTED).when(ROLLED_BACK).then(
        PaymentRolledBack(payment="p1", reason="no answer")
    )


@pytest.mark.parametrize("outcome", [APPROVED, DECLINED, ROLLED_BACK])
@pytest.mark.parametrize(
    "first",
    [
        PAID_BY_CARD,
        PaymentDeclined(payment="p1", reason="limit"),
        PaymentRolledBack(payment="p1", reason="no answer"),
    ],
)
def test_a_payment_has_one_outcome(first: Event, outcome: Command) -> None:
    given(SERVICE, ORDERED, STARTED, first).when(outcome).then_nothing()


@pytest.mark.parametrize("outcome", [APPROVED, DECLINED, ROLLED_BACK, REFUND_DONE])
def test_an_outcome_belongs_to_something_started(outcome: Command) -> None:
    given(SERVICE, ORDERED, PAID_IN_CASH).when(outcome).then_refused(UnknownPayment)


def test_an_approval_is_a_fact_also_when_the_order_was_cancelled_meanwhile() -> None:
    given(SERVICE, ORDERED, STARTED, CANCELLED).when(APPROVED).then(PAID_BY_CARD)


@pytest.mark.parametrize("command", [CARD, CASH, BY_HAND, WRITE_OFF])
@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([STARTED], PaymentUnderWay),
        ([PAID_IN_CASH], AlreadyPaid),
        ([PAID_IN_THE_ARTICLE], AlreadyPaid),
        ([WRITTEN_OFF], AlreadyWrittenOff),
        ([STARTED, PAID_BY_CARD, REFUND_STARTED, REFUNDED], AlreadyRefunded),
    ],
)
def test_an_order_is_paid_once(
    history: list[Event], reason: type[Refused], command: Command
) -> None:
    given(SERVICE, ORDERED, *history).when(command).then_refused(reason)


@pytest.mark.parametrize("command", [CARD, CASH, BY_HAND])
def test_a_cancelled_order_is_not_paid(command: Command) -> None:
    given(SERVICE, ORDERED, CANCELLED).when(command).then_refused(AlreadyCancelled)


def test_nothing_is_due_for_a_cancelled_order() -> None:
    given(SERVICE, ORDERED, CANCELLED).when(WRITE_OFF).then_refused(NothingDue)


def test_an_order_without_a_price_needs_no_money() -> None:
    free = replace(ORDERED, lines=(replace(ORDERED.lines[0], unit_price=0),))

    given(SERVICE, free).when(CASH).then_refused(NothingDue)


def test_the_shop_writes_off_what_is_due() -> None:
    given(SERVICE, ORDERED).when(WRITE_OFF).then(WRITTEN_OFF)
    given(SERVICE, ORDERED).when(replace(WRITE_OFF, reason=" ")).then_refused(BadInput)


def test_card_money_goes_back_to_the_card() -> None:
    given(SERVICE, ORDERED, STARTED, PAID_BY_CARD).when(REFUND).then(REFUND_STARTED)
    given(SERVICE, ORDERED, STARTED, PAID_BY_CARD, REFUND_STARTED).when(REFUND_DONE).then(REFUNDED)


@pytest.mark.parametrize("paid", [PAID_IN_CASH, PAID_BY_HAND])
def test_other_money_is_handed_back(paid: OrderPaid) -> None:
    given(SERVICE, ORDERED, paid).when(REFUND).then_refused(NotPaidByCard)
    given(SERVICE, ORDERED, paid).when(HAND_BACK).then(
        PaymentRefunded(refund="r2", payment=paid.payment, amount=TOTAL, tender=paid.tender)
    )


def test_card_money_is_not_handed_back() -> None:
    given(SERVICE, ORDERED, STARTED, PAID_BY_CARD).when(HAND_BACK).then_refused(PaidByCard)


def test_the_payment_of_an_article_order_is_unknown_to_the_gateway_and_handed_back() -> None:
    given(SERVICE, ORDERED, PAID_IN_THE_ARTICLE).when(REFUND).then_refused(NotPaidByCard)
    given(SERVICE, ORDERED, PAID_IN_THE_ARTICLE).when(HAND_BACK).then(
        PaymentRefunded(refund="r2", payment="", amount=TOTAL, tender=Tender.CARD)
    )


def test_money_goes_back_once() -> None:
    under_way = (ORDERED, STARTED, PAID_BY_CARD, REFUND_STARTED)

    given(SERVICE, *under_way).when(REFUND).then_nothing()
    given(SERVICE, *under_way).when(replace(REFUND, refund="r3")).then_refused(RefundUnderWay)
    given(SERVICE, *under_way, REFUNDED).when(REFUND_DONE).then_nothing()
    given(SERVICE, *under_way, REFUNDED).when(REFUND).then_nothing()
    given(SERVICE, *under_way, REFUNDED).when(HAND_BACK).then_refused(AlreadyRefunded)


def test_a_refund_needs_a_payment() -> None:
    given(SERVICE, ORDERED).when(REFUND).then_refused(NothingPaid)
    given(SERVICE, ORDERED, STARTED).when(REFUND).then_refused(PaymentUnderWay)


def test_payments_and_refunds_have_ids() -> None:
    given(SERVICE, ORDERED).when(replace(CASH, payment="")).then_refused(BadInput)
    given(SERVICE, ORDERED, PAID_IN_CASH).when(replace(HAND_BACK, refund="")).then_refused(BadInput)


@pytest.mark.parametrize("command", [CARD, CASH, APPROVED, REFUND, WRITE_OFF])
def test_what_nobody_ordered_is_unknown(command: Command) -> None:
    given(SERVICE).when(command).then_refused(UnknownOrder)


def test_the_till_leaves_serving_to_the_ordering_service() -> None:
    given(SERVICE, ORDERED).when(ServeOrder(**ENVELOPE)).then_refused(UnknownCommand)


DEARER = replace(AMENDED, lines=(replace(LATTE, quantity=4),))
MORE = DEARER.total - TOTAL
LESS = TOTAL - AMENDED_TOTAL
REST_IN_CASH = OrderPaid(
    payment="p4", amount=MORE, tender=Tender.CASH, given=2000, change=2000 - MORE
)


def test_a_changed_order_costs_what_is_in_it_now() -> None:
    given(SERVICE, ORDERED, AMENDED).when(replace(CASH, given=AMENDED_TOTAL)).then(
        replace(PAID_IN_CASH, amount=AMENDED_TOTAL, given=AMENDED_TOTAL, change=0)
    )


def test_what_a_change_added_to_a_paid_order_is_due() -> None:
    given(SERVICE, ORDERED, STARTED, PAID_BY_CARD, DEARER).when(replace(CASH, payment="p4")).then(
        REST_IN_CASH
    )
    given(SERVICE, ORDERED, PAID_IN_CASH, DEARER).when(CARD).then(replace(STARTED, amount=MORE))
    given(SERVICE, ORDERED, PAID_IN_CASH, DEARER).when(WRITE_OFF).then(
        PaymentWrittenOff(amount=MORE, reason="long wait")
    )
    given(SERVICE, ORDERED, PAID_IN_CASH, DEARER, REST_IN_CASH).when(CASH).then_refused(AlreadyPaid)


def test_what_a_change_added_is_due_also_where_the_rest_was_written_off() -> None:
    given(SERVICE, ORDERED, WRITTEN_OFF, DEARER).when(replace(CASH, payment="p4")).then(
        REST_IN_CASH
    )


def test_what_was_paid_too_much_goes_back_the_way_it_came_and_no_more() -> None:
    by_card = (ORDERED, STARTED, PAID_BY_CARD, AMENDED)
    started = replace(REFUND_STARTED, amount=LESS)
    refunded = replace(REFUNDED, amount=LESS)

    given(SERVICE, *by_card).when(REFUND).then(started)
    given(SERVICE, *by_card, started).when(REFUND_DONE).then(refunded)
    given(SERVICE, ORDERED, PAID_IN_CASH, AMENDED).when(HAND_BACK).then(
        PaymentRefunded(refund="r2", payment="p2", amount=LESS, tender=Tender.CASH)
    )
    balance = SERVICE.fold([*by_card, started, refunded])
    assert (balance.due, balance.owed, balance.kept) == (0, 0, AMENDED_TOTAL)


def test_what_went_back_is_due_again_when_it_is_ordered_again() -> None:
    refunded = replace(REFUNDED, amount=LESS)
    as_at_first = replace(AMENDED, lines=ORDERED.lines)
    history = (ORDERED, STARTED, PAID_BY_CARD, AMENDED, refunded, as_at_first)

    assert SERVICE.fold(history).due == LESS


def test_a_card_that_was_charged_for_what_was_left_out_meanwhile_gets_the_difference() -> None:
    given(SERVICE, ORDERED, STARTED, AMENDED).when(APPROVED).then(PAID_BY_CARD)
    assert SERVICE.fold([ORDERED, STARTED, AMENDED, PAID_BY_CARD]).owed == LESS


def test_all_payments_of_a_cancelled_order_go_back_each_its_own_way() -> None:
    history = (ORDERED, STARTED, PAID_BY_CARD, DEARER, REST_IN_CASH, CANCELLED)
    cash = PaymentRefunded(refund="r2", payment="p4", amount=MORE, tender=Tender.CASH)

    given(SERVICE, *history).when(HAND_BACK).then(cash)
    given(SERVICE, *history, cash).when(REFUND).then(REFUND_STARTED)
    given(SERVICE, *history, cash, REFUND_STARTED).when(REFUND_DONE).then(REFUNDED)
    done = (*history, cash, REFUND_STARTED, REFUNDED)
    given(SERVICE, *done).when(replace(REFUND, refund="r9")).then_refused(AlreadyRefunded)
    assert SERVICE.fold(done).owed == 0


def test_money_given_back_out_of_kindness_is_not_due_again() -> None:
    kind = PaymentRefunded(refund="r2", payment="p2", amount=TOTAL, tender=Tender.CASH)

    assert SERVICE.fold([ORDERED, PAID_IN_CASH, kind]).due == 0


def test_money_given_back_by_hand_does_not_end_the_refund_of_a_card() -> None:
    more = replace(AMENDED, lines=(replace(LATTE, quantity=4),))
    by_card = OrderPaid(payment="p1", amount=TOTAL, tender=Tender.CARD, given=TOTAL, change=0)
    in_cash = OrderPaid(payment="p2", amount=650, tender=Tender.CASH, given=650, change=0)
    back_by_card = RefundStarted(refund="r1", payment="p1", amount=TOTAL, reason="sorry")
    back_by_hand = PaymentRefunded(refund="r2", payment="p2", amount=650, tender=Tender.CASH)
    history = (ORDERED, by_card, more, in_cash, back_by_card, back_by_hand)
    again = StartRefund(**ENVELOPE, refund="r3", reason="sorry")
    recorded = RecordRefund(**ENVELOPE, refund="r1")

    given(SERVICE, *history).when(again).then_refused(RefundUnderWay)
    given(SERVICE, *history).when(recorded).then(
        PaymentRefunded(refund="r1", payment="p1", amount=TOTAL, tender=Tender.CARD)
    )

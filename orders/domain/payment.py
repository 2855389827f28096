"""Payment: what is due, how it was paid, and what went back.

Owns the money. Learns from ordering's facts what an order costs and whether it is off; neither
waits for the coffee nor lets the coffee wait. A card payment is started here, made by the
reactor, and its outcome recorded here: it succeeds, is declined, or is rolled back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.domain.balance import Balance, Paid, evolve
from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import (
    OrderPaid,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    RefundStarted,
    Tender,
)
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyPaid,
    AlreadyRefunded,
    AlreadyWrittenOff,
    BadInput,
    DueChanged,
    NotEnoughCash,
    NothingDue,
    NothingPaid,
    NotPaidByCard,
    PaidByCard,
    PaymentUnderWay,
    RefundUnderWay,
    UnknownCommand,
    UnknownOrder,
    UnknownPayment,
)


@dataclass(frozen=True, kw_only=True)
class PaymentCommand(Command):
    """A command about the money of one order."""

    @property
    def service(self) -> "Service[Balance]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True, kw_only=True)
class StartCardPayment(PaymentCommand):
    """Charge what is due to this card. `payment` is a fresh id, the gateway's key.

    With `seen_due`, the cents that the customer read on the button, only if that is what is due.
    """

    payment: str
    card_token: str
    seen_due: int | None = None


@dataclass(frozen=True, kw_only=True)
class TakeCash(PaymentCommand):
    """The customer handed over `given` cents."""

    payment: str
    given: int


@dataclass(frozen=True, kw_only=True)
class TakeCardByHand(PaymentCommand):
    """A terminal that the software does not reach took what is due."""

    payment: str


@dataclass(frozen=True, kw_only=True)
class RecordApproval(PaymentCommand):
    """The gateway charged the card."""

    payment: str


@dataclass(frozen=True, kw_only=True)
class RecordDecline(PaymentCommand):
    """The gateway refused the card."""

    payment: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecordRollBack(PaymentCommand):
    """The gateway confirmed that nothing was charged, and nothing will be."""

    payment: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StartRefund(PaymentCommand):
    """Give card money back. `refund` is a fresh id, the gateway's key."""

    refund: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecordRefund(PaymentCommand):
    """The gateway gave the money back."""

    refund: str


@dataclass(frozen=True, kw_only=True)
class GiveCashBack(PaymentCommand):
    """The cashier gave the money back by hand: cash, or on the other terminal."""

    refund: str


@dataclass(frozen=True, kw_only=True)
class WriteOff(PaymentCommand):
    """Do not collect what is due."""

    reason: str


def decide(balance: Balance, command: Command) -> Sequence[Event]:
    """The facts that follow from the command.

    Raises a `Refused`: `UnknownOrder`, `AlreadyCancelled`, `AlreadyPaid`, `AlreadyRefunded`,
    `AlreadyWrittenOff`, `NothingDue`, `NothingPaid`, `PaymentUnderWay`, `RefundUnderWay`,
    `NotEnoughCash`, `NotPaidByCard`, `PaidByCard`, `UnknownPayment`, `BadInput`.
    """
    if not balance.ordered:
        raise UnknownOrder
    match command:
        case StartCardPayment() | TakeCash() | TakeCardByHand():
            _refuse_unless_due(balance)
            _refuse_a_used_id(balance, command.payment)
            return _pay(balance, command)
        case RecordApproval() | RecordDecline() | RecordRollBack():
            return _record_outcome(balance, command)
        case StartRefund() | RecordRefund() | GiveCashBack():
            return _give_back(balance, command)
        case WriteOff():
            return _write_off(balance, command)
    raise UnknownCommand


def _pay(
    balance: Balance, command: StartCardPayment | TakeCash | TakeCardByHand
) -> Sequence[Event]:
    due = balance.due
    match command:
        case StartCardPayment(payment=payment, card_token=card_token):
            if not card_token:
                raise BadInput("Please choose a card.")
            if command.seen_due not in (None, due):
                raise DueChanged(due, balance.currency)
            return [
                PaymentStarted(
                    payment=payment, amount=due, currency=balance.currency, card_token=card_token
                )
            ]
        case TakeCash(payment=payment, given=given):
            if given < due:
                raise NotEnoughCash(due - given, balance.currency)
            return [_order_paid(payment, due, Tender.CASH, given)]
        case TakeCardByHand(payment=payment):
            return [_order_paid(payment, due, Tender.CARD_BY_HAND, due)]


def _record_outcome(
    balance: Balance, command: RecordApproval | RecordDecline | RecordRollBack
) -> Sequence[Event]:
    """Whatever happened to the order meanwhile: the outcome is a fact. A second one is none."""
    payment = command.payment
    if payment in balance.ended:
        return []
    if balance.under_way is None or balance.under_way.payment != payment:
        raise UnknownPayment
    match command:
        case RecordApproval():
            amount = balance.under_way.amount
            return [_order_paid(payment, amount, Tender.CARD, amount)]
        case RecordDecline(reason=reason):
            return [PaymentDeclined(payment=payment, reason=reason)]
        case RecordRollBack(reason=reason):
            return [PaymentRolledBack(payment=payment, reason=reason)]


def _give_back(
    balance: Balance, command: StartRefund | RecordRefund | GiveCashBack
) -> Sequence[Event]:
    """What is owed goes back, each payment the way it came; if nothing is owed, all of one."""
    refund, under_way = command.refund, balance.refund_under_way
    if refund in balance.refunded:
        return []
    if isinstance(command, RecordRefund):
        if under_way is None or under_way.refund != refund:
            raise UnknownPayment
        return [_refunded(refund, under_way.payment, under_way.amount, Tender.CARD)]
    paid = balance.goes_back_first
    if paid is None:
        if balance.payments:
            raise AlreadyRefunded
        raise PaymentUnderWay if balance.under_way else NothingPaid
    if not refund:
        raise BadInput("Please start the refund again.")
    if isinstance(command, StartRefund):
        return _start_refund(balance, paid, command)
    if paid.through_gateway:
        raise PaidByCard
    return [_refunded(refund, paid.payment, balance.goes_back_now, paid.tender)]


def _start_refund(balance: Balance, paid: Paid, command: StartRefund) -> Sequence[Event]:
    under_way = balance.refund_under_way
    if under_way is not None and under_way.refund == command.refund:
        return []
    if under_way is not None:
        raise RefundUnderWay
    if not paid.through_gateway:
        raise NotPaidByCard
    return [
        RefundStarted(
            refund=command.refund,
            payment=paid.payment,
            amount=balance.goes_back_now,
            reason=command.reason,
        )
    ]


def _write_off(balance: Balance, command: WriteOff) -> Sequence[Event]:
    if balance.cancelled:
        raise NothingDue
    _refuse_unless_due(balance)
    if not command.reason.strip():
        raise BadInput("Please say why the money is not collected.")
    return [PaymentWrittenOff(amount=balance.due, reason=command.reason.strip())]


def _refuse_unless_due(balance: Balance) -> None:
    if balance.under_way is not None:
        raise PaymentUnderWay
    if balance.due > 0 and not balance.stopped:
        return
    if balance.payments:
        raise AlreadyPaid if balance.kept else AlreadyRefunded
    if balance.cancelled or balance.stopped:
        raise AlreadyCancelled
    if balance.written_off:
        raise AlreadyWrittenOff
    raise NothingDue


def _refuse_a_used_id(balance: Balance, payment: str) -> None:
    # A gateway answers a known key with the old outcome: a new attempt needs a new key.
    if not payment or payment in balance.ended:
        raise BadInput("Please start the payment again.")


def _order_paid(payment: str, amount: int, tender: Tender, given: int) -> OrderPaid:
    return OrderPaid(
        payment=payment, amount=amount, tender=tender, given=given, change=given - amount
    )


def _refunded(refund: str, payment: str, amount: int, tender: Tender) -> PaymentRefunded:
    return PaymentRefunded(refund=refund, payment=payment, amount=amount, tender=tender)


SERVICE: Service[Balance] = Service(Owner.PAYMENT, Balance(), evolve, decide)

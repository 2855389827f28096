"""How far an order is, and what became of its money: one word for each, on every screen.

Read from what the bar knows of it and from its balance; knows no fact.
"""

from enum import StrEnum

from orders.domain.balance import Balance
from orders.domain.ticket import Stage, Ticket


class Progress(StrEnum):
    """How far the order is, in the words people use."""

    WAITING = "waiting"
    HELD = "on hold"
    MAKING = "making"
    READY = "ready"
    SERVED = "served"
    NOT_COLLECTED = "not collected"
    CANCELLED = "cancelled"


def progress_of(seen: Ticket) -> Progress:
    """How far an order is, from what the bar knows of it."""
    if seen.cancelled or seen.stage is Stage.STOPPED:
        return Progress.CANCELLED
    if seen.served:
        return Progress.SERVED
    if seen.not_collected:
        return Progress.NOT_COLLECTED
    match seen.stage:
        case Stage.MAKING:
            return Progress.MAKING
        case Stage.READY:
            return Progress.READY
    return Progress.HELD if seen.held else Progress.WAITING


class Money(StrEnum):
    """What became of the money."""

    DUE = "due"
    PART_PAID = "part paid"
    UNDER_WAY = "under way"
    PAID = "paid"
    REFUND_DUE = "refund due"
    REFUND_UNDER_WAY = "refund under way"
    REFUNDED = "refunded"
    WRITTEN_OFF = "written off"
    NOTHING_DUE = "nothing due"


MONEY_AT_REST = (Money.PAID, Money.REFUNDED, Money.WRITTEN_OFF, Money.NOTHING_DUE)
"""Nobody owes anybody anything."""


def money_of(seen: Balance) -> Money:
    """What became of the money of an order."""
    if seen.refund_under_way is not None:
        return Money.REFUND_UNDER_WAY
    if seen.owed:
        return Money.REFUND_DUE
    if seen.under_way is not None:
        return Money.UNDER_WAY
    if seen.due:
        return Money.PART_PAID if seen.kept else Money.DUE
    if seen.payments:
        return Money.PAID if seen.kept or not seen.refunded else Money.REFUNDED
    return Money.WRITTEN_OFF if seen.written_off else Money.NOTHING_DUE

"""The status of one order in words: a line for the staff, sentences for the customer.

Names of people and of places come in from outside; nothing is looked up here.
"""

from collections.abc import Mapping

from orders.domain.events import BringBackReason, Tender, WaitsFor
from orders.domain.money import in_words
from orders.domain.order_status import Money, OrderStatus, Progress

REMADE: Mapping[BringBackReason, str] = {
    BringBackReason.WRONG: "it was not what you ordered",
    BringBackReason.SPILLED: "it was spilled",
    BringBackReason.TAKEN: "somebody else took it",
    BringBackReason.QUALITY: "it was not good enough",
}
"""Why something is made again, as the customer reads it. Nothing where nobody recorded why."""


def shown_number(number: int) -> str:
    """An order's number as people see and call it, like `041`: at least three digits."""
    return f"{number:03d}"


def headline(progress: Progress, money: Money, due: int, currency: str) -> str:
    """The derived status: one line from how far the order is and what became of its money."""
    first = progress.value.capitalize()
    if progress is Progress.SERVED and money not in (Money.DUE, Money.UNDER_WAY):
        first = "Done"
    rest = _money_in_headline(progress, money, in_words(due, currency))
    return f"{first} · {rest}" if rest else first


def _money_in_headline(progress: Progress, money: Money, due: str) -> str:
    match money:
        case Money.PAID | Money.NOTHING_DUE:
            return ""
        case Money.DUE | Money.PART_PAID:
            return _due_in_headline(progress, money, due)
        case Money.UNDER_WAY:
            return "card payment under way"
        case Money.WRITTEN_OFF | Money.REFUNDED:
            match progress:
                case Progress.WAITING | Progress.HELD | Progress.MAKING:
                    return "free"
                case Progress.READY:
                    return ""
    return money.value


def _due_in_headline(progress: Progress, money: Money, due: str) -> str:
    match progress:
        case Progress.WAITING | Progress.HELD | Progress.MAKING:
            return "pay any time" if money is Money.DUE else f"{due} to pay"
        case Progress.READY:
            return f"please pay {due}"
    return "unpaid" if money is Money.DUE else f"{due} unpaid"


WAITING_FOR = {
    WaitsFor.TIME: "We make it so that it is ready at its time.",
    WaitsFor.CUSTOMER: "We start when you say that you are here.",
    WaitsFor.PAYMENT: "We start when it is paid.",
}


def headline_of(status: OrderStatus) -> str:
    """The derived status of this order."""
    return headline(status.progress, status.money, status.due, status.balance.currency)


def sentence(
    status: OrderStatus, *, barista: str = "", before: int | None = None, place: str = ""
) -> str:
    """What the customer reads first.

    `barista`: the name of who makes it; `before`: how many orders stand before this one in the
    queue, if known; `place`: where it is handed over, else the number of the serving desk.
    """
    if status.stop_is_asked and status.progress is not Progress.READY:
        return "You asked us to stop. We look whether it can still be stopped."
    match status.progress:
        case Progress.WAITING if status.remakes:
            return f"We make it again, before all others{_because(status)}."
        case Progress.WAITING:
            return _in_the_queue(before)
        case Progress.HELD:
            return _held(status)
        case Progress.MAKING:
            return _being_made(status, barista)
        case Progress.READY:
            return _ready(status, place)
        case Progress.SERVED:
            return "Enjoy!"
        case Progress.NOT_COLLECTED:
            return _kept(status)
        case Progress.CANCELLED:
            return _off(status)


def money_sentence(status: OrderStatus) -> str:
    """What the customer reads about the money."""
    match status.money:
        case Money.DUE | Money.PART_PAID:
            return _due_sentence(status)
        case Money.UNDER_WAY if status.balance.cancelled:
            return "The card payment is being undone."
        case Money.UNDER_WAY:
            return "Your card payment is under way."
        case Money.PAID if status.refunded and status.amendment:
            return f"Paid. {_in_words(status, status.refunded)} was given back."
        case Money.PAID:
            return "Paid."
        case Money.WRITTEN_OFF:
            return "There is nothing to pay."
        case Money.NOTHING_DUE:
            return (
                "Nothing was charged." if status.balance.cancelled else "There is nothing to pay."
            )
    return _money_back(status)


def _due_sentence(status: OrderStatus) -> str:
    if status.declined:
        return "The card was declined. Your coffee continues; pay at the bar."
    if status.rolled_back:
        return "The card payment came to nothing and nothing was charged; pay at the bar."
    more = "more to pay" if status.money is Money.PART_PAID else "to pay"
    return f"{_due(status)} {more}, at any time."


def _money_back(status: OrderStatus) -> str:
    balance = status.balance
    if status.money is Money.REFUNDED:
        return f"{_in_words(status, status.refunded)} was given back."
    if balance.refund_under_way is not None:
        return f"{_in_words(status, balance.refund_under_way.amount)} is on its way back."
    paid = balance.goes_back_first
    if paid is not None and paid.tender is not Tender.CARD:
        return f"{_in_words(status, balance.owed)} is waiting for you at the counter."
    return f"{_in_words(status, balance.owed)} is on its way back."


def _ready(status: OrderStatus, place: str) -> str:
    if status.due:
        return f"Ready – please pay {_due(status)}."
    desk = f"serving desk {status.desk}" if status.desk else "the counter"
    return f"Ready at {place or desk}."


def _off(status: OrderStatus) -> str:
    if status.cancellation is None:
        return "The bar has stopped it."
    return f"{_cancelled(status)} {money_sentence(status)}"


def _held(status: OrderStatus) -> str:
    if status.ticket.waits_for:
        return WAITING_FOR[status.ticket.waits_for]
    return f"On hold: {status.hold.reason.rstrip('.')}." if status.hold else "On hold."


def _being_made(status: OrderStatus, barista: str) -> str:
    if status.order.stop_declined:
        return "It was too late to stop; it is being made."
    again = " again" if status.remakes else ""
    return f"{barista} is making it{again}." if barista else f"It is being made{again}."


def _because(status: OrderStatus) -> str:
    reason = REMADE.get(status.brought_back) if status.brought_back else None
    return f": {reason}" if reason else ""


def _in_the_queue(before: int | None) -> str:
    match before:
        case None:
            return "In the queue."
        case 0:
            return "In the queue – yours is next."
    return f"In the queue – {before} before yours."


def _cancelled(status: OrderStatus) -> str:
    cancellation = status.cancellation
    if cancellation is not None and cancellation.by_shop:
        return f"We had to cancel: {cancellation.reason.rstrip('.')}."
    return "Cancelled."


def _kept(status: OrderStatus) -> str:
    kept = status.times.kept
    if kept is None:
        return "We waited for you."
    minutes = max(1, int(kept.total_seconds() // 60))
    return f"We kept it {minutes} minute{'' if minutes == 1 else 's'}."


def _due(status: OrderStatus) -> str:
    return _in_words(status, status.due)


def _in_words(status: OrderStatus, amount: int) -> str:
    return in_words(amount, status.balance.currency)

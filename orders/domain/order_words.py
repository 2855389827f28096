"""The status of one order in words: a line for the staff, sentences for the customer.

Names of people and of places come in from outside; nothing is looked up here. The words are
English, and can be said in another language (`words.py`).
"""

from collections.abc import Mapping

from orders.domain.events import BringBackReason, Tender, WaitsFor
from orders.domain.money import Amount, in_words
from orders.domain.order_status import OrderStatus
from orders.domain.progress import Money, Progress
from orders.domain.words import Words

REMADE: Mapping[BringBackReason, Words] = {
    BringBackReason.WRONG: Words("it was not what you ordered"),
    BringBackReason.SPILLED: Words("it was spilled"),
    BringBackReason.TAKEN: Words("somebody else took it"),
    BringBackReason.QUALITY: Words("it was not good enough"),
}
"""Why something is made again, as the customer reads it. Nothing where nobody recorded why."""


HEADS: Mapping[Progress, Words] = {
    Progress.WAITING: Words("Waiting"),
    Progress.HELD: Words("On hold"),
    Progress.MAKING: Words("Making"),
    Progress.READY: Words("Ready"),
    Progress.SERVED: Words("Served"),
    Progress.NOT_COLLECTED: Words("Not collected"),
    Progress.CANCELLED: Words("Cancelled"),
}
"""How far an order is, at the beginning of its line."""

MONEY: Mapping[Money, Words] = {
    Money.UNDER_WAY: Words("card payment under way"),
    Money.REFUND_DUE: Words("refund due"),
    Money.REFUND_UNDER_WAY: Words("refund under way"),
    Money.REFUNDED: Words("refunded"),
    Money.WRITTEN_OFF: Words("written off"),
}
"""What became of its money, where that does not depend on how far it is."""


def shown_number(number: int) -> str:
    """An order's number as people see and call it, like `041`: at least three digits."""
    return f"{number:03d}"


def headline(progress: Progress, money: Money, due: int, currency: str) -> str:
    """The derived status: one line from how far the order is and what became of its money."""
    first = HEADS[progress]
    if progress is Progress.SERVED and money not in (Money.DUE, Money.UNDER_WAY):
        first = Words("Done")
    rest = _money_in_headline(progress, money, in_words(due, currency))
    return Words("%(first)s · %(rest)s", first=first, rest=rest) if rest else first


def _money_in_headline(progress: Progress, money: Money, due: Amount) -> Words | None:
    match money:
        case Money.PAID | Money.NOTHING_DUE:
            return None
        case Money.DUE | Money.PART_PAID:
            return _due_in_headline(progress, money, due)
        case Money.WRITTEN_OFF | Money.REFUNDED:
            match progress:
                case Progress.WAITING | Progress.HELD | Progress.MAKING:
                    return Words("free")
                case Progress.READY:
                    return None
    return MONEY[money]


def _due_in_headline(progress: Progress, money: Money, due: Amount) -> Words:
    match progress:
        case Progress.WAITING | Progress.HELD | Progress.MAKING:
            is_whole = money is Money.DUE
            return Words("pay any time") if is_whole else Words("%(due)s to pay", due=due)
        case Progress.READY:
            return Words("please pay %(due)s", due=due)
    return Words("unpaid") if money is Money.DUE else Words("%(due)s unpaid", due=due)


WAITING_FOR = {
    WaitsFor.TIME: Words("We make it so that it is ready at its time."),
    WaitsFor.CUSTOMER: Words("We start when you say that you are here."),
    WaitsFor.PAYMENT: Words("We start when it is paid."),
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
        return Words("You asked us to stop. We look whether it can still be stopped.")
    match status.progress:
        case Progress.WAITING if status.remakes:
            return _made_again(status)
        case Progress.WAITING:
            return _in_the_queue(before)
        case Progress.HELD:
            return _held(status)
        case Progress.MAKING:
            return _being_made(status, barista)
        case Progress.READY:
            return _ready(status, place)
        case Progress.SERVED:
            return Words("Enjoy!")
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
            return Words("The card payment is being undone.")
        case Money.UNDER_WAY:
            return Words("Your card payment is under way.")
        case Money.PAID if status.refunded and status.amendment:
            back = _in_words(status, status.refunded)
            return Words("Paid. %(amount)s was given back.", amount=back)
        case Money.PAID:
            return Words("Paid.")
        case Money.NOTHING_DUE if status.balance.cancelled:
            return Words("Nothing was charged.")
        case Money.WRITTEN_OFF | Money.NOTHING_DUE:
            return Words("There is nothing to pay.")
    return _money_back(status)


def _due_sentence(status: OrderStatus) -> Words:
    if status.declined:
        return Words("The card was declined. Your coffee continues; pay at the bar.")
    if status.rolled_back:
        return Words("The card payment came to nothing and nothing was charged; pay at the bar.")
    if status.money is Money.PART_PAID:
        return Words("%(due)s more to pay, at any time.", due=_due(status))
    return Words("%(due)s to pay, at any time.", due=_due(status))


def _money_back(status: OrderStatus) -> Words:
    balance = status.balance
    if status.money is Money.REFUNDED:
        return Words("%(amount)s was given back.", amount=_in_words(status, status.refunded))
    if balance.refund_under_way is not None:
        amount = _in_words(status, balance.refund_under_way.amount)
        return Words("%(amount)s is on its way back.", amount=amount)
    paid, owed = balance.goes_back_first, _in_words(status, balance.owed)
    if paid is not None and paid.tender is not Tender.CARD:
        return Words("%(amount)s is waiting for you at the counter.", amount=owed)
    return Words("%(amount)s is on its way back.", amount=owed)


def _ready(status: OrderStatus, place: str) -> Words:
    if status.due:
        return Words("Ready – please pay %(due)s.", due=_due(status))
    if place:
        return Words("Ready at %(place)s.", place=Words(place))
    if status.desk:
        return Words("Ready at serving desk %(desk)s.", desk=status.desk)
    return Words("Ready at the counter.")


def _off(status: OrderStatus) -> Words:
    if status.cancellation is None:
        return Words("The bar has stopped it.")
    return Words(
        "%(cancelled)s %(money)s", cancelled=_cancelled(status), money=money_sentence(status)
    )


def _being_made(status: OrderStatus, barista: str) -> Words:
    if status.order.stop_declined:
        return Words("It was too late to stop; it is being made.")
    if barista and status.remakes:
        return Words("%(barista)s is making it again.", barista=barista)
    if barista:
        return Words("%(barista)s is making it.", barista=barista)
    return Words("It is being made again.") if status.remakes else Words("It is being made.")


def _made_again(status: OrderStatus) -> Words:
    reason = REMADE.get(status.brought_back) if status.brought_back else None
    if reason is None:
        return Words("We make it again, before all others.")
    return Words("We make it again, before all others: %(reason)s.", reason=reason)


def _held(status: OrderStatus) -> Words:
    if status.ticket.waits_for:
        return WAITING_FOR[status.ticket.waits_for]
    if status.hold is None:
        return Words("On hold.")
    return Words("On hold: %(reason)s.", reason=Words(status.hold.reason.rstrip(".")))


def _in_the_queue(before: int | None) -> Words:
    match before:
        case None:
            return Words("In the queue.")
        case 0:
            return Words("In the queue – yours is next.")
    return Words(
        "In the queue – %(number)s before yours.",
        plural="In the queue – %(number)s before yours.",
        number=before,
    )


def _cancelled(status: OrderStatus) -> Words:
    cancellation = status.cancellation
    if cancellation is not None and cancellation.by_shop:
        reason = Words(cancellation.reason.rstrip("."))
        return Words("We had to cancel: %(reason)s.", reason=reason)
    return Words("Cancelled.")


def _kept(status: OrderStatus) -> Words:
    kept = status.times.kept
    if kept is None:
        return Words("We waited for you.")
    minutes = max(1, int(kept.total_seconds() // 60))
    return Words(
        "We kept it %(number)s minute.", plural="We kept it %(number)s minutes.", number=minutes
    )


def _due(status: OrderStatus) -> Amount:
    return _in_words(status, status.due)


def _in_words(status: OrderStatus, amount: int) -> Amount:
    return in_words(amount, status.balance.currency)

"""A fact as a sentence that the staff reads: who did what, with names, amounts and drinks.

For an order it needs the order as it was just after the fact. Knows no page.
"""

from datetime import datetime, timedelta

from orders.domain.event import FORGOTTEN
from orders.domain.events import (
    BackInStock,
    BarAtUsualPace,
    BarSlowedDown,
    BringBackReason,
    BroughtBack,
    CancellationRequested,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerArrived,
    CustomerForgotten,
    CustomerNameReleased,
    CustomerNameReserved,
    CustomerRegistered,
    Line,
    LineBroughtBack,
    LinePrepared,
    OrderAmended,
    OrderCancelled,
    OrderDeprioritised,
    OrderHeld,
    OrderNotCollected,
    OrderNumbersReserved,
    OrderPaid,
    OrderPrioritised,
    OrderResumed,
    OrderServed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    PickUpSlotFreed,
    PickUpSlotTaken,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    RefundStarted,
    SettingChosen,
    SoldOut,
    StopDeclined,
    Tender,
    WebOrdersPaused,
)
from orders.domain.fact import Fact
from orders.domain.money import in_words
from orders.domain.order_status import OrderStatus
from orders.domain.order_words import shown_number
from orders.domain.shop_settings import SETTINGS
from staff.names import STAFF, name_of

NOBODY = OrderStatus()


def sentence_of(fact: Fact, after: OrderStatus = NOBODY) -> str:
    """What happened. `after` is the order with this fact, for a fact of an order."""
    who = who_did(fact, after)
    return (
        _of_the_counter(fact, after, who)
        or _of_the_making(fact, after, who)
        or _of_the_queue(fact, who)
        or _of_the_money(fact, after, who)
        or _of_customers_and_numbers(fact)
        or _of_the_shop(fact, who)
    )


def who_did(fact: Fact, after: OrderStatus = NOBODY) -> str:
    """The name of who did it: of the staff, of the order's customer, or "The shop" by itself.

    Nobody knows who it was in facts that were imported.
    """
    if fact.actor == "import":
        return "Somebody"
    if fact.actor.startswith(STAFF):
        return name_of(fact.actor)
    if fact.actor.startswith("customer"):
        return _known(after.placed.name if after.placed else "") or "The customer"
    return "The shop"


def time_between(before: datetime, after: datetime) -> str:
    """`3 min 20 s`: how long after the one the other happened; "" for less than a second."""
    span = after - before
    if span < timedelta(seconds=1):
        return ""
    seconds = int(span.total_seconds())
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    said = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(said[:2])


def drinks(lines: tuple[Line, ...]) -> str:
    """`2 × Flat White large, 1 × Croissant`."""
    return ", ".join(f"{line.quantity} × {line.name} {line.size}".strip() for line in lines)


def _of_the_counter(fact: Fact, after: OrderStatus, who: str) -> str:
    match fact.event:
        case CoffeeOrdered() as order:
            name = f" for {order.name}" if _known(order.name) and order.name != who else ""
            total = in_words(order.total, order.currency)
            return f"{who} ordered {drinks(order.lines)}{name}, for {total}: {_called(order)}."
        case OrderAmended() as order:
            total = in_words(order.total, _currency(after))
            return f"{who} changed the order to {drinks(order.lines)}, for {total}."
        case OrderCancelled(reason=reason):
            return f"{who} cancelled the order{_because(reason)}."
        case CancellationRequested():
            return f"{who} asked whether it can still be stopped."
        case CustomerArrived():
            return f"{who} said that they are here."
        case OrderServed():
            return f"{who} handed it over." if _is_staff(fact) else f"{who} has it in their hands."
        case OrderNotCollected():
            return f"{who} noted that nobody came for it."
    return ""


def _of_the_making(fact: Fact, after: OrderStatus, who: str) -> str:
    match fact.event:
        case PreparationStarted(barista=barista):
            return f"{name_of(barista)} took it."
        case LinePrepared(line=line):
            return f"{who} made {_line(after, line)}."
        case LineBroughtBack(line=line):
            return f"{who} took back that {_line(after, line)} was made."
        case CoffeePrepared(at_closing=True):
            return f"{who} noted when the bar closed that it was ready."
        case CoffeePrepared(desk=desk):
            return f"{who} called it ready at serving desk {desk}."
        case BroughtBack(reason=BringBackReason.MISBUMP):
            return f"{who} brought it back: it was called ready by mistake."
        case BroughtBack(reason=reason, lines=lines):
            what = ", ".join(_line(after, line) for line in lines) or "all of it"
            return f"{who} had {what} made again: {reason.value}."
    return ""


def _of_the_queue(fact: Fact, who: str) -> str:
    match fact.event:
        case PreparationReleased(barista=barista):
            return f"{name_of(barista)} gave it back to the queue."
        case PreparationStopped(disposition=disposition):
            return f"{who} stopped it: {disposition.value}."
        case StopDeclined():
            return f"{who} answered that it is too late to stop it."
        case OrderHeld(reason=reason, minutes=minutes):
            return f"{who} put it on hold{_for(minutes)}{_because(reason)}."
        case OrderResumed():
            return f"{who} put it into the queue again."
        case OrderPrioritised(reason=reason):
            return f"{who} put it before others{_because(reason.value)}."
        case OrderDeprioritised():
            return f"{who} let it wait its turn again."
    return ""


def _of_the_money(fact: Fact, after: OrderStatus, who: str) -> str:
    currency = _currency(after)
    match fact.event:
        case PaymentStarted(amount=amount, currency=charged):
            return f"A card was asked for {in_words(amount, charged)}."
        case OrderPaid(amount=None):
            return "It was paid in full."
        case OrderPaid(amount=amount, tender=Tender.CASH, given=given, change=change):
            cash = f"{in_words(amount or 0, currency)} in cash"
            handed = f", {in_words(given, currency)} given and {in_words(change, currency)} back"
            return f"{who} took {cash}{handed if change else ''}."
        case OrderPaid(amount=amount, tender=tender):
            return f"{in_words(amount or 0, currency)} was paid by {_tender(tender)}."
        case PaymentDeclined(reason=reason):
            return f"The card was declined{_because(reason)}."
        case PaymentRolledBack(reason=reason):
            return f"The card payment came to nothing{_because(reason)}; nothing was charged."
        case RefundStarted(amount=amount, reason=reason):
            return f"{in_words(amount, currency)} is to go back{_because(reason)}."
        case PaymentRefunded(amount=amount, tender=tender):
            return f"{in_words(amount, currency)} went back by {_tender(tender)}."
        case PaymentWrittenOff(amount=amount, reason=reason):
            return f"{who} wrote off {in_words(amount, currency)}{_because(reason)}."
    return ""


def _of_customers_and_numbers(fact: Fact) -> str:
    match fact.event:
        case CustomerRegistered(name=name):
            return f"{_known(name) or 'Somebody'} wants to be known here by this name."
        case CustomerForgotten():
            return "The customer was forgotten: the key of their names and notes is gone."
        case CustomerNameReserved():
            return "The name was reserved for a customer."
        case CustomerNameReleased():
            return "The name is free again."
        case OrderNumbersReserved(first=first, last=last):
            numbers = f"{shown_number(first)} to {shown_number(last)}"
            return f"A web process may hand out the numbers {numbers}."
        case PickUpSlotTaken(slot=slot, work_seconds=work):
            return f"An order takes {work} s of the work at {slot}."
        case PickUpSlotFreed():
            return "An order does not need its slot any more."
    return ""


def _of_the_shop(fact: Fact, who: str) -> str:
    match fact.event:
        case SoldOut(slug=slug, minutes=minutes):
            return f"{who} marked {slug} as sold out{_for(minutes)}."
        case BackInStock(slug=slug):
            return f"{who} marked {slug} as back in stock."
        case BarSlowedDown(extra_minutes=extra, minutes=minutes):
            return f"{who} slowed the bar down by {extra} min{_for(minutes)}."
        case WebOrdersPaused(minutes=minutes):
            return f"{who} paused orders from the web{_for(minutes)}."
        case BarAtUsualPace():
            return f"{who} let the bar go at its usual pace."
        case SettingChosen(setting=setting, value=value):
            return f"{who} chose {value or 'nothing'} for “{_title(setting)}”."
    return ""


def _title(setting: str) -> str:
    """As the page of the settings calls it; one of before by its own name."""
    known = SETTINGS.get(setting)
    return known.title if known else setting.replace("_", " ")


def _known(name: str) -> str:
    return "" if name == FORGOTTEN else name


def _is_staff(fact: Fact) -> bool:
    return fact.actor.startswith(STAFF)


def _called(order: CoffeeOrdered) -> str:
    return f"order {shown_number(order.number)}"


def _currency(after: OrderStatus) -> str:
    return after.placed.currency if after.placed else ""


def _line(after: OrderStatus, number: int) -> str:
    for line in after.lines:
        if line.line == number:
            return drinks((line,))
    return f"line {number}"


def _because(reason: str) -> str:
    return f" because: {reason.rstrip('.')}" if reason else ""


def _for(minutes: int) -> str:
    return f" for {minutes} min" if minutes else ""


def _tender(tender: Tender) -> str:
    return {
        Tender.CASH: "cash",
        Tender.CARD: "card",
        Tender.CARD_BY_HAND: "card, by hand",
    }[tender]

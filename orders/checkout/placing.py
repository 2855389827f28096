"""From basket lines to an order: priced from the menu, placed once, however often it is sent.

The one way in for the web page, the counter and the API. It must not know which of them it is;
that is the actor of the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import gettext

from orders.admission import NotAdmitted, Origin, admission
from orders.checkout.basket import BasketLine
from orders.checkout.order_numbers import next_order_number
from orders.checkout.pick_up import NotThen, planned, take_slot
from orders.command_handler import Done, handle, repeat_of
from orders.domain.command import Envelope
from orders.domain.cups import Cup, written
from orders.domain.events import CoffeeOrdered, Line
from orders.domain.ordering import PlaceOrder
from orders.domain.refused import BadInput, CommandIdReused, Refused, SlotFull
from orders.domain.streams import order_stream
from orders.domain.words import Words
from orders.event_codec import decode, key_ring
from orders.event_store import event_store
from orders.forms import plain_text
from orders.languages import translated
from orders.links import order_id_for
from orders.menu.cache import menu
from orders.menu.card import allergens_of, priced_line
from orders.shop_state import shop_now
from orders.wait import wait_for, work_of


class NotToBeHad(BadInput):
    """Some lines of the basket cannot be had; the sentence says which and why."""


class PriceChanged(BadInput):
    """The order would cost something else than what the customer saw."""

    words: ClassVar[str] = "A price or your basket has changed since you looked. This is new."


@dataclass(frozen=True)
class PricedLine:
    """One line of a basket as the menu has it now; without a `line` the `error` says why."""

    basket_line: BasketLine
    name: str
    line: Line | None
    error: str = ""

    @property
    def price(self) -> int:
        """The price of the whole line, in cents; 0 if it cannot be had."""
        return self.line.unit_price * self.line.quantity if self.line else 0


@dataclass(frozen=True)
class Placed:
    """An order that is written down, now or when the form came the first time."""

    order: UUID
    done: Done

    @property
    def number(self) -> int:
        """The number that is called out."""
        return next(e.number for e in self.done.events if isinstance(e, CoffeeOrdered))


def known_allergies(chosen: Sequence[str]) -> str:
    """What somebody must not have, as the order keeps it. Raises `BadInput` for an unknown one."""
    known = shop_now().words("allergens")
    unknown = [word for word in chosen if word not in known]
    if unknown:
        word = unknown[0][:40]
        raise BadInput(
            Words("Please write into the note what we do not know: %(word)s.", word=word)
        )
    return ", ".join(dict.fromkeys(chosen))


def price(basket_lines: Sequence[BasketLine]) -> list[PricedLine]:
    """Every line with today's name and price, or with the reason why it cannot be had."""
    card = menu()
    priced = []
    for number, basket_line in enumerate(basket_lines, start=1):
        try:
            line = priced_line(card, number, basket_line.selection)
            priced.append(PricedLine(basket_line, line.name, line))
        except Refused as refusal:
            item = card.item(basket_line.selection.item)
            name = item.name if item else gettext("Something that is no longer on the menu")
            priced.append(PricedLine(basket_line, name, None, translated(refusal.sentence)))
    return priced


def total_of(priced: Sequence[PricedLine]) -> int:
    """What it comes to, in cents, without the lines that cannot be had."""
    return sum(line.price for line in priced)


def contained_in(priced: Sequence[PricedLine]) -> dict[str, list[str]]:
    """What these lines contain: the names of the things, each once, by allergen."""
    card = menu()
    contained: dict[str, list[str]] = {}
    for wanted in priced:
        for allergen in allergens_of(card, wanted.basket_line.selection):
            names = contained.setdefault(allergen, [])
            if wanted.name not in names:
                names.append(wanted.name)
    return contained


def place(
    priced: Sequence[PricedLine],
    envelope: Envelope,
    *,
    customer: UUID,
    name: str,
    note: str,
    allergies: str = "",
    origin: Origin | None,
    payment: str = "",
    seen_total: int | None = None,
    pick_up: str = "",
    on_board: bool = True,
) -> Placed:
    """Order these lines; `payment` says how they will be paid, in the words of the form.

    `origin` is where a guest's order comes from, None at the counter. With `seen_total`, the total
    in cents that the customer saw, only for that price. `pick_up` says when it is wanted
    (`orders.checkout.pick_up`), and `on_board` whether the board may show the name. A request that
    came before is answered as the first time, whatever has become of the menu since. Raises a
    `Refused` (`NotToBeHad`, `PriceChanged`, `NotThen`, `SlotFull`, `CommandIdReused`),
    `NotAdmitted`, `Conflict`, `StoreUnavailable` or `OutcomeUnknown`: then the same command id may
    be sent again.
    """
    order = order_id_for(customer.hex, envelope["command_id"])
    stream = order_stream(order)
    lines = tuple(wanted.line for wanted in priced if wanted.line is not None)
    command = PlaceOrder(
        **envelope,
        number=0,
        day="",
        customer=customer.hex,
        name=name,
        note=note,
        allergies=allergies,
        lines=lines,
        currency=settings.CURRENCY,
        promised_seconds=wait_for(lines).promised_seconds,
        on_board=on_board,
        cups=cups_of(priced),
        requested=requested_text(priced, payment, pick_up),
    )
    try:
        refusal = _refusal(priced, seen_total)
        if refusal is not None:
            raise refusal
        plan = planned(pick_up, command, from_the_web=origin is not None)
        with admission().admitted(order, origin):
            if plan.slot is not None:
                take_slot(plan.slot, order, envelope, work_of(lines))
            day, number = next_order_number(envelope["at"])
            numbered = replace(command, number=number, day=day, **plan.promise)
            return Placed(order, handle(stream, numbered))
    except (NotToBeHad, PriceChanged, NotThen, SlotFull, NotAdmitted):
        done = repeat_of(stream, command)
        if done is None:
            raise
        return Placed(order, done)


def cups_of(priced: Sequence[PricedLine]) -> str:
    """Whose each line is and how it should be, as the order keeps it."""
    chosen = [wanted.basket_line.selection for wanted in priced]
    return written(
        {
            number: Cup(plain_text(selection.cup), plain_text(selection.note))
            for number, selection in enumerate(chosen, start=1)
        }
    )


def requested_text(priced: Sequence[PricedLine], payment: str = "", pick_up: str = "") -> str:
    """What was asked for, in the words of whoever asked: by it a repeat is known."""
    selections = [wanted.basket_line.selection for wanted in priced]
    asked = [selections, payment, *([pick_up] if pick_up else [])]
    return msgspec.json.encode(asked, order="deterministic").decode()


def _refusal(priced: Sequence[PricedLine], seen_total: int | None) -> BadInput | None:
    errors = [wanted.error for wanted in priced if wanted.error]
    if errors:
        return NotToBeHad(" ".join(errors))
    if seen_total is not None and seen_total != total_of(priced):
        return PriceChanged()
    return None


def placed_before(
    customer: UUID, command_id: UUID, *, name: str, note: str, allergies: str = ""
) -> Placed | None:
    """The order that this form led to when it came with a basket; None if it did not.

    So that a form sent again finds its order when the basket is emptied since: what is left of
    its contents is compared. Raises `CommandIdReused` or `StoreUnavailable`.
    """
    order = order_id_for(customer.hex, command_id)
    for stored in event_store().read_stream(order_stream(order)):
        fact = decode(stored, key_ring())
        if fact is not None and isinstance(fact.event, CoffeeOrdered):
            if (fact.event.name, fact.event.note, fact.event.allergies) != (name, note, allergies):
                raise CommandIdReused
            return Placed(
                order,
                Done(
                    position=fact.position,
                    revision=fact.revision,
                    replayed=True,
                    events=(fact.event,),
                ),
            )
    return None

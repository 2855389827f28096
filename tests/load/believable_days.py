"""Believable days of a coffee shop, as its own rules decide them: as many as wanted.

A day has its rush in the morning and a smaller one at noon. Its orders live whole lives: ordered
on the web or at the counter, made, paid in every way there is, served; some are cancelled, made
again, given back or never fetched. Some customers register a name and come back for a few days.

The days are counted backwards from the last one, and each has dice of its own: the last day is the
same, event for event, however many days are before it. So a measurement at two lengths of history
differs in nothing else. Plain domain: no clock, no bytes, no log.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from orders.domain.command import Command, Service
from orders.domain.customer import SERVICE as CUSTOMER
from orders.domain.customer import ForgetCustomer, RegisterCustomer, ReleaseName, ReserveName
from orders.domain.event import Event
from orders.domain.events import Line
from orders.domain.order_numbers import BLOCK_SIZE, ReserveOrderNumbers
from orders.domain.order_numbers import SERVICE as NUMBERS
from orders.domain.ordering import SERVICE as ORDERING
from orders.domain.ordering import PlaceOrder
from orders.domain.payment import SERVICE as PAYMENT
from orders.domain.preparation import SERVICE as PREPARATION
from orders.domain.streams import customer_stream, order_numbers_stream, order_stream
from tests.load.order_lives import Step, life_of

ORDERS_A_DAY = 900
EVENTS_OF_AN_ORDER = 6.63
"""On average, with everything else that happens on a day; measured, to plan the number of days."""

OF_A_HUNDRED = {7: 10, 8: 22, 9: 16, 10: 8, 11: 7, 12: 11, 13: 9, 14: 5, 15: 5, 16: 4, 17: 3}
"""How many of a hundred orders come within each hour of the shop's clock."""

REGISTRATIONS = 0.04
"""New registered customers of a day, for each order."""

COMES_BACK_DAYS = 4
REGULARS = 0.25
"""The share of orders by customers who registered on one of the days before."""

FORGOTTEN = 0.02
"""The share of registered customers who ask to be forgotten after their last day."""

NAMES = ("Helen", "Omar", "Zoë", "Jürgen", "Ana", "Li Wei", "Noor", "Paweł", "Grace", "Tomás")
NOTES = ("extra hot", "no lid please", "allergic to nuts", "half the sugar")
ITEMS = (
    ("caffe-latte", "Caffè Latte", ("small", "medium", "large"), 390),
    ("cappuccino", "Cappuccino", ("small", "medium", "large"), 370),
    ("espresso", "Espresso", ("",), 250),
    ("flat-white", "Flat White", ("",), 410),
    ("tea", "Tea", ("medium",), 300),
    ("croissant", "Croissant", ("",), 280),
)
OPTIONS = ("SUB oat milk", "EXTRA shot", "NO sugar", "EXTRA cream")
ABOUT_AN_ORDER = (ORDERING, PREPARATION, PAYMENT)
CURRENCY = "EUR"
PROMISED_SECONDS = 240


@dataclass(frozen=True)
class Append:
    """The events of one command, and where they go: behind revision `behind` (-1: a new stream)."""

    at: datetime
    stream: str
    behind: int
    command: Command
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Customer:
    """Somebody who registered a name."""

    id: UUID
    name: str


@dataclass(frozen=True)
class BelievableDays:
    """Days up to `end`, about so many `events`. The same arguments give the same days.

    `name_stream` is the stream that reserves a name. `orders_only` leaves every order as it was
    placed.
    """

    seed: int
    events: int
    end: datetime
    zone: tzinfo
    name_stream: Callable[[str], str]
    orders_a_day: int = ORDERS_A_DAY
    orders_only: bool = False

    def appends(self) -> Iterator[Append]:
        """Everything that is written, in the order of time."""
        for days_before in range(self._oldest, -1, -1):
            yield from self._day(days_before)

    @property
    def begin(self) -> datetime:
        """The first instant of the oldest day."""
        return datetime.combine(self.day(self._oldest), time(), self.zone)

    def day(self, days_before: int) -> date:
        """The date of a day, counted backwards from the last one."""
        return self.end.astimezone(self.zone).date() - timedelta(days=days_before)

    @cached_property
    def _events_of_a_day(self) -> int:
        return round(self.orders_a_day * (1 if self.orders_only else EVENTS_OF_AN_ORDER))

    @cached_property
    def _of_the_last_day(self) -> int:
        """Events of the last day, which is cut off at `end`."""
        times = self._times(0)
        return round(self._events_of_a_day * sum(at <= self.end for at in times) / len(times))

    @cached_property
    def _oldest(self) -> int:
        """How many days are before the last one; of the oldest there may be only the end."""
        return max(0, -(-(self.events - self._of_the_last_day) // self._events_of_a_day))

    def _skipped(self, days_before: int) -> int:
        """Orders that are left out at the beginning of a day: only of the oldest one."""
        if days_before < self._oldest:
            return 0
        planned = self._of_the_last_day + self._oldest * self._events_of_a_day
        too_many = max(0, planned - self.events) / self._events_of_a_day
        return min(self.orders_a_day - 1, round(too_many * self.orders_a_day))

    def _times(self, days_before: int) -> list[datetime]:
        """When the orders of a day come, in their order."""
        dice = Random(f"{self.seed}:times:{days_before}")
        hours = dice.choices(list(OF_A_HUNDRED), list(OF_A_HUNDRED.values()), k=self.orders_a_day)
        midnight = datetime.combine(self.day(days_before), time(), self.zone)
        return sorted(midnight + timedelta(hours=h, seconds=dice.uniform(0, 3600)) for h in hours)

    def _day(self, days_before: int) -> list[Append]:
        appends = [
            append
            for number, at in enumerate(self._times(days_before), start=1)
            if number > self._skipped(days_before)
            for append in self._order(days_before, number, at)
        ]
        if not self.orders_only:
            appends += self._customers_of(days_before)
        return sorted((a for a in appends if a.at <= self.end), key=lambda append: append.at)

    def _order(self, days_before: int, number: int, at: datetime) -> Iterator[Append]:
        """One order from beginning to end, and the numbers that are reserved for it and others."""
        dice = Random(f"{self.seed}:order:{days_before}:{number}")
        day = self.day(days_before).isoformat()
        if (number - 1) % BLOCK_SIZE == 0 or number == self._skipped(days_before) + 1:
            block = (number - 1) // BLOCK_SIZE
            numbers = _Stream(order_numbers_stream(self.day(days_before), block), (NUMBERS,))
            reserve = Step(-0.1, ReserveOrderNumbers, "shop", {"day": day, "block": block})
            yield from numbers.grow(at, [reserve], dice)
        customer, name = self._customer(days_before, dice)
        lines = tuple(_line(dice, n + 1) for n in range(dice.choices((1, 2, 3), (60, 28, 12))[0]))
        by_staff = dice.random() < 0.25
        place = {
            "number": number,
            "day": day,
            "customer": customer.hex,
            "name": name,
            "note": dice.choice(NOTES) if dice.random() < 0.1 else "",
            "lines": lines,
            "currency": CURRENCY,
            "promised_seconds": PROMISED_SECONDS,
        }
        actor = "staff-2" if by_staff else f"customer-{customer.hex}"
        steps = [Step(0.0, PlaceOrder, actor, place)]
        if not self.orders_only:
            total = sum(line.unit_price * line.quantity for line in lines)
            steps += life_of(dice, actor, len(lines), total, at_the_counter=by_staff)
        yield from _Stream(order_stream(_id(dice)), ABOUT_AN_ORDER).grow(at, steps, dice)

    def _customer(self, days_before: int, dice: Random) -> tuple[UUID, str]:
        """Who orders: somebody who registered on one of the days before, or a guest."""
        if dice.random() < REGULARS:
            known = min(self._oldest, days_before + dice.randint(1, COMES_BACK_DAYS))
            if known > days_before:
                regular = self._registered(known, dice.randrange(self._registrations))
                return regular.id, regular.name
        return _id(dice), dice.choice(NAMES) if dice.random() < 0.8 else ""

    @property
    def _registrations(self) -> int:
        return max(1, round(self.orders_a_day * REGISTRATIONS))

    def _registered(self, days_before: int, number: int) -> Customer:
        dice = Random(f"{self.seed}:customer:{days_before}:{number}")
        return Customer(_id(dice), f"{dice.choice(NAMES)} {days_before}-{number}")

    def _customers_of(self, days_before: int) -> Iterator[Append]:
        """Who registers on a day, and who asks on it to be forgotten."""
        for registered in (days_before, days_before + COMES_BACK_DAYS + 1):
            if registered <= self._oldest:
                for append in self._registrations_of(registered):
                    if append.at.astimezone(self.zone).date() == self.day(days_before):
                        yield append

    def _registrations_of(self, days_before: int) -> Iterator[Append]:
        dice = Random(f"{self.seed}:registrations:{days_before}")
        opening = datetime.combine(self.day(days_before), time(7), self.zone)
        for number in range(self._registrations):
            customer = self._registered(days_before, number)
            at = opening + timedelta(seconds=dice.uniform(0, 10 * 3600))
            actor, whose = f"customer-{customer.id.hex}", {"customer": customer.id.hex}
            name = [Step(0.0, ReserveName, actor, whose)]
            own = [Step(0.2, RegisterCustomer, actor, {**whose, "name": customer.name})]
            if dice.random() < FORGOTTEN:
                later = (COMES_BACK_DAYS + 1) * 86_400.0
                name.append(Step(later, ReleaseName, actor, whose))
                own.append(Step(later + 0.2, ForgetCustomer, actor, whose))
            yield from _Stream(self.name_stream(customer.name), (CUSTOMER,)).grow(at, name, dice)
            yield from _Stream(customer_stream(customer.id), (CUSTOMER,)).grow(at, own, dice)


class _Stream:
    """A stream that grows by commands; each service folds everything that stands in it."""

    def __init__(self, name: str, services: Sequence[Service[Any]]) -> None:
        self._name = name
        self._services = services
        self._states = [service.initial for service in services]
        self._revision = -1

    def grow(self, begun_at: datetime, steps: Iterable[Step], dice: Random) -> Iterator[Append]:
        """What these commands write, in the order of their times."""
        for step in sorted(steps, key=lambda step: step.after):
            at = begun_at + timedelta(seconds=step.after)
            command = step.kind(command_id=_id(dice), at=at, actor=step.actor, **step.of_command)
            deciding = self._services.index(command.service)
            events = tuple(self._services[deciding].decide(self._states[deciding], command))
            if not events:
                continue
            yield Append(at, self._name, self._revision, command, events)
            for event in events:
                self._states = [
                    service.evolve(state, event)
                    for service, state in zip(self._services, self._states, strict=True)
                ]
            self._revision += len(events)


def _id(dice: Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def _line(dice: Random, line: int) -> Line:
    item, name, sizes, price = dice.choice(ITEMS)
    return Line(
        line=line,
        item=item,
        name=name,
        size=dice.choice(sizes),
        options=(dice.choice(OPTIONS),) if dice.random() < 0.4 else (),
        quantity=1 if dice.random() < 0.8 else 2,
        unit_price=price,
    )

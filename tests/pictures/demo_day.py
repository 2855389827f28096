"""A day of the shop for pictures: orders in every state, the same ones each time it is made.

Written through the shop's own command handler beside a running shop, so that whatever the shop
learns to do can be staged in one line. Times count back from now, for the screens' clocks run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from orders.checkout.order_numbers import next_order_number
from orders.command_handler import handle
from orders.domain.command import Command, Envelope
from orders.domain.events import BringBackReason, RushReason, StockKind
from orders.domain.ordering import AskToStop, CancelOrder, PlaceOrder, ServeOrder
from orders.domain.payment import RecordApproval, RecordDecline, TakeCardByHand, TakeCash
from orders.domain.preparation import (
    BringBack,
    FinishPreparation,
    HoldOrder,
    NoteCancellation,
    PrioritiseOrder,
    StartPreparation,
    TickLine,
)
from orders.domain.stock import SellOut, SlowDown
from orders.domain.streams import order_stream
from orders.links import order_id_for, order_token
from orders.menu.cache import menu
from orders.menu.card import Selection, priced_line
from orders.payments.card_payment import card_payment
from orders.shop_state import tell_the_shop
from staff.names import actor_of

NAME_SPACE = UUID("3d0a3d5c-2f7a-5b39-9d35-6f5f6ab0a6d1")
"""Of the ids of customers and commands; made once for the pictures."""

PROMISE = 240
CALM = 840
"""Seconds, promised in a rush."""

EARLIER_ORDERS = 48
EARLIER_DAYS = (0, 7)
SECONDS_BETWEEN = 210
DESK = 1

FLAT_WHITE = Selection("flat-white", options={"oat-milk": 1, "no-sugar": 1})
CAPPUCCINO = Selection("cappuccino", size="large", options={"cream": 1})
LATTE = Selection("caffe-latte", size="large", options={"soy-milk": 1, "vanilla": 1})
ESPRESSO = Selection("espresso", size="double", quantity=2)
AMERICANO = Selection("americano", size="regular")
MOCHA = Selection("caffe-mocha", size="small")
FILTER = Selection("filter-coffee", size="regular")
USUAL = (FLAT_WHITE, CAPPUCCINO, LATTE, ESPRESSO, AMERICANO, MOCHA, FILTER)
NAMES = ("Omar", "Paweł", "Grace", "Tomás", "Ines", "Yuki", "Fatima", "Lars", "Chloé", "Ravi")


class Staged:
    """One order, and what people do with it, so many seconds after it was placed."""

    def __init__(self, day: "DemoDay", order: UUID, customer: UUID, placed_at: datetime) -> None:
        self._day = day
        self.id = order
        self.customer = customer
        self._placed_at = placed_at
        self._commands = 0

    @property
    def path(self) -> str:
        """Its customer's page."""
        return f"/o/{order_token(self.id)}/"

    def by(self, actor: str, after: float) -> Envelope:
        """The envelope of its next command."""
        self._commands += 1
        command_id = uuid5(NAME_SPACE, f"{self.id.hex}:{self._commands}")
        at = min(self._placed_at + timedelta(seconds=after), self._day.now)
        return Envelope(command_id=command_id, at=at, actor=actor)

    def done(self, command: Command) -> "Staged":
        """Carry a command out."""
        self._day.position = handle(order_stream(self.id), command).position
        return self

    def taken(self, after: float, barista: str = "bao") -> "Staged":
        """Somebody makes it."""
        actor = self._day.staff[barista]
        return self.done(StartPreparation(**self.by(actor, after), barista=actor))

    def ticked(self, after: float, line: int = 1, barista: str = "bao") -> "Staged":
        """One line is done."""
        actor = self._day.staff[barista]
        return self.done(TickLine(**self.by(actor, after), barista=actor, line=line))

    def ready(self, after: float, barista: str = "bao") -> "Staged":
        """It can be picked up; taken a minute before."""
        self.taken(max(5, after - 60), barista)
        actor = self._day.staff[barista]
        return self.done(FinishPreparation(**self.by(actor, after), barista=actor, desk=DESK))

    def paid(self, after: float = 20, given: int = 2000) -> "Staged":
        """Casey takes cash."""
        envelope = self.by(self._day.staff["casey"], after)
        payment = envelope["command_id"].hex
        return self.done(TakeCash(**envelope, payment=payment, given=given))

    def paid_by_hand(self, after: float = 20) -> "Staged":
        """Casey takes a card on a terminal of its own."""
        envelope = self.by(self._day.staff["casey"], after)
        return self.done(TakeCardByHand(**envelope, payment=envelope["command_id"].hex))

    def by_card(self, after: float = 5, declined: str = "") -> "Staged":
        """The customer pays by card; with what the bank says if it is declined."""
        payment = card_payment(self.by(f"customer-{self.customer.hex}", after), "demo-approve")
        self.done(payment)
        envelope, charged = self.by("reactor", after + 2), payment.payment
        if declined:
            return self.done(RecordDecline(**envelope, payment=charged, reason=declined))
        return self.done(RecordApproval(**envelope, payment=charged))

    def served(self, after: float) -> "Staged":
        """Casey hands it over."""
        return self.done(ServeOrder(**self.by(self._day.staff["casey"], after)))

    def remade(self, after: float, reason: BringBackReason) -> "Staged":
        """It comes back to the bar."""
        return self.done(BringBack(**self.by(self._day.staff["bao"], after), reason=reason))

    def rushed(self, after: float, reason: RushReason) -> "Staged":
        """It goes first."""
        return self.done(PrioritiseOrder(**self.by(self._day.staff["bao"], after), reason=reason))

    def held(self, after: float, reason: str, minutes: int) -> "Staged":
        """The bar waits with it."""
        actor = self._day.staff["bao"]
        envelope = self.by(actor, after)
        return self.done(HoldOrder(**envelope, barista=actor, reason=reason, minutes=minutes))

    def asked_to_stop(self, after: float) -> "Staged":
        """The customer asks whether it can be stopped."""
        return self.done(AskToStop(**self.by(f"customer-{self.customer.hex}", after)))

    def cancelled(self, after: float, reason: str = "") -> "Staged":
        """It is off: with a reason by the shop, without one by the customer."""
        actor = self._day.staff["casey"] if reason else f"customer-{self.customer.hex}"
        self.done(CancelOrder(**self.by(actor, after), reason=reason, by_shop=bool(reason)))
        return self.done(NoteCancellation(**self.by("reactor", after)))


@dataclass
class DemoDay:
    """The people and the orders, by name (the last of that name); `position` is the last fact's."""

    now: datetime = field(default_factory=timezone.now)
    staff: Mapping[str, str] = field(default_factory=lambda: dict(_staff()))
    orders: dict[str, Staged] = field(default_factory=dict)
    position: int = 0
    _placed: int = 0

    def order(
        self,
        name: str,
        *wanted: Selection,
        ago: float,
        note: str = "",
        allergies: str = "",
        counter: bool = False,
        promised: int = PROMISE,
    ) -> Staged:
        """An order that was placed so many seconds ago."""
        at = self.now - timedelta(seconds=ago)
        customer = uuid5(NAME_SPACE, f"customer:{name}")
        self._placed += 1
        command_id = uuid5(NAME_SPACE, f"order:{self._placed}")
        staged = Staged(self, order_id_for(customer.hex, command_id), customer, at)
        actor = self.staff["casey"] if counter else f"customer-{customer.hex}"
        day, number = next_order_number(at)
        card = menu()
        lines = tuple(priced_line(card, n, selection) for n, selection in enumerate(wanted, 1))
        staged.done(
            PlaceOrder(
                **staged.by(actor, 0),
                number=number,
                day=day,
                customer=customer.hex,
                name=name,
                note=note,
                allergies=allergies,
                lines=lines,
                currency=settings.CURRENCY,
                promised_seconds=promised,
            )
        )
        self.orders[name] = staged
        return staged

    def earlier(self) -> None:
        """What was sold today and a week ago until this time: for the figures, all of it served."""
        for days_ago in EARLIER_DAYS:
            dice = Random(days_ago)
            for number in range(EARLIER_ORDERS):
                ago = days_ago * 86_400 + 1_500 + number * SECONDS_BETWEEN
                wanted = dice.sample(USUAL, dice.choice((1, 1, 1, 2, 2, 3)))
                made = dice.choice((110, 140, 155, 170, 190, 205, 230, 275))
                order = self.order(dice.choice(NAMES), *wanted, ago=ago)
                order = order.paid(30) if dice.random() < 0.4 else order.paid_by_hand(25)
                order.ready(made).served(made + dice.choice((20, 45, 90)))

    def at_the_bar(self) -> None:
        """Orders in every state that the bar knows, oldest first."""
        wrong = self.order("Helen", FLAT_WHITE, ago=540).paid().ready(170).served(200)
        wrong.remade(505, BringBackReason.WRONG)
        self.order(
            "Max", ESPRESSO, Selection("butter-croissant", options={"warmed": 1}), ago=330
        ).paid()
        self.orders["Max"].taken(250).ticked(290)
        self.order("Zoë", CAPPUCCINO, ago=285, allergies="nuts").taken(230, "ada")
        late = self.order("Aurélie", AMERICANO, ago=262, counter=True).paid_by_hand()
        late.rushed(200, RushReason.ACCESSIBILITY)
        self.order("Jürgen", LATTE, ago=205, note="extra hot, please").paid()
        self.order("Noor", MOCHA, FLAT_WHITE, ago=190).taken(60).asked_to_stop(150)
        self.order("Football club", *_large_order(), ago=95, promised=CALM).by_card()
        self.order("Bruno", LATTE, ago=80, promised=CALM).by_card().taken(45)
        ana = Selection("espresso", size="single")
        self.order("Ana", ana, ago=48, counter=True, promised=CALM).paid()
        self.order("Li Wei", Selection("cold-brew", options={"no-ice": 1}), ago=30, promised=CALM)
        self.order("Kim", FILTER, ago=12, promised=CALM).by_card()
        self.order("Grace", LATTE, ago=140).held(60, "comes at eleven", 20)
        self.order("Bo", FILTER, FILTER, ago=110, counter=True).held(30, "customer left", 0)

    def at_the_desk(self) -> None:
        """Ready, owing, declined, to be given back: what board and till show."""
        self.order("Sam", FLAT_WHITE, ago=1000).paid().ready(240)
        self.order("Ida", CAPPUCCINO, ago=420).paid().ready(200)
        self.order("Ida", AMERICANO, ago=360, counter=True).paid_by_hand().ready(190)
        self.order("Tom", LATTE, ago=330).ready(210)
        self.order("Mia", MOCHA, ESPRESSO, ago=300).by_card().ready(230)
        self.order("Leo", FILTER, ago=340).paid().ready(150).served(200)
        self.order("Eva", AMERICANO, ago=250, promised=600).by_card(
            declined="The bank declined the card."
        )
        self.order("Finn", FLAT_WHITE, ago=230).paid().cancelled(60, "out of oat milk")
        self.order("Nina", MOCHA, ago=240).cancelled(40)

    def of_the_shop(self) -> None:
        """Something is sold out, and the bar has asked for two minutes more."""
        actor = self.staff["bao"]

        def envelope(part: str) -> Envelope:
            return Envelope(command_id=uuid5(NAME_SPACE, part), at=self.now, actor=actor)

        for kind, slug, minutes, words in (
            (StockKind.ITEM, "caffe-mocha", 60, "hour"),
            (StockKind.OPTION, "almond-milk", 0, "until I say"),
        ):
            command = SellOut(
                **envelope(slug), kind=kind, slug=slug, for_minutes=minutes, how_long=words
            )
            tell_the_shop(command)
        self.position = tell_the_shop(
            SlowDown(**envelope("slow"), extra_minutes=2, minutes=30)
        ).position


def stage() -> DemoDay:
    """A whole day, in the log of the shop that the environment names."""
    day = DemoDay()
    day.earlier()
    day.at_the_desk()
    day.at_the_bar()
    day.of_the_shop()
    return day


def _staff() -> Iterator[tuple[str, str]]:
    for user in User.objects.filter(username__in=("bao", "casey", "ada")):
        yield user.username, actor_of(user.pk)


def _large_order() -> tuple[Selection, ...]:
    return (
        Selection("flat-white", quantity=2, options={"oat-milk": 1}),
        Selection("caffe-latte", size="large", quantity=2),
        Selection("cappuccino", size="small", options={"decaf": 1, "caramel": 1}),
        Selection("espresso", size="single"),
        Selection("filter-coffee", size="large", options={"two-sugars": 1}),
        Selection("butter-croissant", quantity=2, options={"warmed": 1, "butter": 1}),
    )

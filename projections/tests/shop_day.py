"""A day in the shop, by dice: whatever the rules allow happens, in any order."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

from orders.domain import customer, ordering, payment, preparation
from orders.domain.command import Command, Service
from orders.domain.customer import ForgetCustomer, RegisterCustomer
from orders.domain.events import BringBackReason, Disposition, Line
from orders.domain.ordering import CancelOrder, MarkNotCollected, PlaceOrder, ServeOrder
from orders.domain.payment import (
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
from orders.domain.preparation import (
    BringBack,
    FinishPreparation,
    NoteCancellation,
    ReleasePreparation,
    StartPreparation,
    StopPreparation,
    TickLine,
    UntickLine,
)
from orders.domain.refused import Refused
from orders.domain.streams import customer_stream, order_stream
from projections.tests.paper_log import PaperLog

MENU = (("latte", "Latte", 450), ("espresso", "Espresso", 250), ("cookie", "Cookie", 280))
BARISTAS = ("staff-1", "staff-2")


def random_day(seed: int, orders: int = 6, steps: int = 200) -> PaperLog:
    """A log that the rules allow. The same seed gives the same day."""
    dice = random.Random(seed)
    log = PaperLog()
    customers = [UUID(int=dice.getrandbits(128)) for _ in range(3)]
    placed: list[str] = []
    for step in range(steps):
        log.now += timedelta(seconds=dice.choice((0.5, 20, 90)))
        if len(placed) < orders and (not placed or dice.random() < 0.25):
            stream = order_stream(UUID(int=dice.getrandbits(128)))
            order = _order(dice, len(placed) + 1, dice.choice(customers))
            if _wish(log, stream, ordering.SERVICE, order):
                placed.append(stream)
        elif dice.random() < 0.03:
            who = dice.choice(customers)
            wish: Command = RegisterCustomer(**_sent(dice), customer=who.hex, name=f"Guest {step}")
            _wish(log, customer_stream(who), customer.SERVICE, wish)
        elif dice.random() < 0.02:
            who = dice.choice(customers)
            forget = ForgetCustomer(**_sent(dice), customer=who.hex)
            _wish(log, customer_stream(who), customer.SERVICE, forget)
        else:
            service, wish = dice.choice(_wishes(dice))
            _wish(log, dice.choice(placed), service, wish)
    return log


def _wish(log: PaperLog, stream: str, service: Service, command: Command) -> bool:  # type: ignore[type-arg]
    try:
        events = service.decide(service.fold([fact.event for fact in log.facts(stream)]), command)
    except Refused:
        return False
    log.write(stream, *events, actor=command.actor, after=0.25)
    return True


def _sent(dice: random.Random) -> dict:  # type: ignore[type-arg]
    actor = dice.choice((*BARISTAS, "customer-0c", "reactor"))
    return {"command_id": uuid4(), "at": PaperLog().now, "actor": actor}


def _order(dice: random.Random, number: int, customer_id: UUID) -> PlaceOrder:
    lines = []
    for line in range(1, dice.randint(1, 3) + 1):
        item, name, price = dice.choice(MENU)
        options = ("SUB oat milk",) if dice.random() < 0.4 else ()
        lines.append(
            Line(
                line=line,
                item=item,
                name=name,
                size="",
                options=options,
                quantity=dice.randint(1, 3),
                unit_price=price,
            )
        )
    return PlaceOrder(
        **_sent(dice),
        number=number,
        day="2026-05-04",
        customer=customer_id.hex,
        name=dice.choice(("Carla", "", "Zoë & <b>")),
        note=dice.choice(("", "extra hot")),
        lines=tuple(lines),
        currency="EUR",
        promised_seconds=240,
    )


def _wishes(dice: random.Random) -> list[tuple[Service, Command]]:  # type: ignore[type-arg]
    sent, barista = _sent(dice), dice.choice(BARISTAS)
    key, line = dice.choice("abc"), dice.randint(1, 3)
    bar = [
        StartPreparation(**sent, barista=barista, take_over=dice.random() < 0.3),
        StartPreparation(**sent, barista=barista),
        TickLine(**sent, barista=barista, line=line),
        UntickLine(**sent, barista=barista, line=line),
        FinishPreparation(**sent, barista=barista, desk=1),
        ReleasePreparation(**sent, barista=barista),
        BringBack(**sent, reason=dice.choice(list(BringBackReason))),
        StopPreparation(**sent, disposition=dice.choice(list(Disposition))),
        NoteCancellation(**sent),
    ]
    till = [
        StartCardPayment(**sent, payment=key, card_token="demo"),
        TakeCash(**sent, payment=key, given=9000),
        TakeCardByHand(**sent, payment=key),
        RecordApproval(**sent, payment=key),
        RecordDecline(**sent, payment=key, reason="no funds"),
        RecordRollBack(**sent, payment=key, reason="no answer"),
        StartRefund(**sent, refund="r" + key, reason="cold"),
        RecordRefund(**sent, refund="r" + key),
        GiveCashBack(**sent, refund="r" + key),
        WriteOff(**sent, reason="on the house"),
    ]
    counter = [
        CancelOrder(**sent, reason="out of milk", by_shop=dice.random() < 0.5),
        ServeOrder(**sent),
        ServeOrder(**sent),
        MarkNotCollected(**sent),
    ]
    pairs: list[tuple[Service, Command]] = [(preparation.SERVICE, one) for one in bar]  # type: ignore[type-arg]
    pairs += [(payment.SERVICE, one) for one in till]
    pairs += [(ordering.SERVICE, one) for one in counter if dice.random() < 0.6]
    return pairs

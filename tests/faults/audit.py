"""The audit of a shop's log: what may never be wrong in it, whatever was killed when.

Independent of the shop's own code on purpose. Returns sentences; none means the log is sound.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tests.faults.money_audit import money_is_wrong
from tests.faults.recorded import Recorded

Marks = frozenset[str]


def _marks(words: str) -> Marks:
    return frozenset(words.split())


RULES: dict[str, tuple[Marks, Marks, Marks, Marks]] = {
    name: (_marks(needs), _marks(forbids), _marks(adds), _marks(removes))
    for name, needs, forbids, adds, removes in (
        ("PreparationStarted", "", "taken ready stopped cancelled held", "taken", ""),
        ("PreparationReleased", "taken", "", "", "taken"),
        ("LinePrepared", "taken", "stopped", "touched", ""),
        ("LineBroughtBack", "taken", "stopped", "", ""),
        ("CoffeePrepared", "taken", "stopped", "ready touched", "taken asked to-stop held rushed"),
        ("BroughtBack", "ready", "cancelled", "", "ready served"),
        ("OrderHeld", "", "taken ready stopped cancelled held", "held", ""),
        ("OrderResumed", "held", "cancelled stopped", "", "held"),
        ("CustomerArrived", "held", "ready served cancelled stopped", "", "held"),
        ("OrderPrioritised", "", "ready stopped cancelled rushed", "rushed", ""),
        ("OrderDeprioritised", "rushed", "cancelled stopped", "", "rushed"),
        ("OrderAmended", "", "taken touched ready stopped served cancelled asked", "", ""),
        ("OrderServed", "ready", "served cancelled stopped", "served", ""),
        ("OrderCancelled", "", "served cancelled", "cancelled to-stop", ""),
        ("CancellationRequested", "", "ready served cancelled stopped asked", "asked to-stop", ""),
        ("StopDeclined", "asked", "cancelled stopped", "", "asked to-stop"),
        ("PreparationStopped", "to-stop", "stopped", "stopped", "taken"),
    )
}
"""What a fact needs to be so before it, what must not be so, what it makes so, what it ends."""


def audit(log: Sequence[Recorded], acknowledged: Iterable[str] = ()) -> list[str]:
    """Everything that is wrong with this log.

    `acknowledged` are the hexadecimal ids of the orders the shop said yes to.
    """
    streams: dict[str, list[Recorded]] = defaultdict(list)
    for event in log:
        streams[event.stream].append(event)
    wrong = _order_of_the_log(log) + _identities(log)
    for stream, events in streams.items():
        wrong += _gapless(stream, events)
    orders = {events[0].order: events for events in streams.values() if events[0].order}
    for order, events in orders.items():
        wrong += _life_of_an_order(order, events)
        wrong += money_is_wrong(order, events)
    return wrong + _acknowledged(orders, acknowledged) + _numbers(log)


def _order_of_the_log(log: Sequence[Recorded]) -> list[str]:
    return [
        f"The position falls from {before.position} to {after.position}."
        for before, after in pairwise(log)
        if after.position <= before.position
    ]


def _identities(log: Sequence[Recorded]) -> list[str]:
    counted = Counter(event.event_id for event in log)
    wrong = [f"The event id {each} stands {n} times." for each, n in counted.items() if n > 1]
    intents: dict[str, set[str]] = defaultdict(set)
    for event in log:
        if event.type_name == "CoffeeOrdered":
            intents[str(event.metadata.get("command_id"))].add(event.stream)
    return wrong + [
        f"One form made {len(streams)} orders: {', '.join(sorted(streams))}."
        for streams in intents.values()
        if len(streams) > 1
    ]


def _gapless(stream: str, events: Sequence[Recorded]) -> list[str]:
    revisions = [event.revision for event in events]
    if revisions == list(range(len(revisions))):
        return []
    return [f"The revisions of {stream} are {revisions}."]


def _life_of_an_order(order: str, events: Sequence[Recorded]) -> list[str]:
    """Ordered once and first; one barista at a time; ready before served; nothing after the end."""
    names = [event.type_name for event in events]
    wrong = []
    if names[0] != "CoffeeOrdered":
        wrong.append(f"{order} begins with {names[0]}.")
    for once in ("CoffeeOrdered", "OrderCancelled"):
        if names.count(once) > 1:
            wrong.append(f"{order}: {once} stands {names.count(once)} times.")
    return wrong + _at_the_bar(order, events)


def _at_the_bar(order: str, events: Sequence[Recorded]) -> list[str]:
    """Each fact only where the facts before it allow it."""
    wrong = []
    now: frozenset[str] = frozenset()
    for event in events:
        if event.data.get("waits_for"):
            now |= {"held"}
        rule = RULES.get(event.type_name)
        if rule is None:
            continue
        needs, forbids, adds, removes = rule
        missing, too_much = needs - now, forbids & now
        if missing:
            wrong.append(f"{order}: {event.type_name}, but it was not {', '.join(missing)}.")
        if too_much:
            wrong.append(f"{order}: {event.type_name}, but it was {', '.join(too_much)}.")
        now = (now | adds) - removes
        if event.type_name == "BroughtBack" and event.data.get("reason") == "misbump":
            now |= {"taken"}  # it was only called too early
    return wrong


def _acknowledged(orders: dict[str, list[Recorded]], acknowledged: Iterable[str]) -> list[str]:
    return [
        f"{order} was acknowledged, but the log does not know it."
        for order in acknowledged
        if order not in orders
    ]


def _numbers(log: Sequence[Recorded]) -> list[str]:
    numbers = Counter(
        (event.data["day"], event.data["number"])
        for event in log
        if event.type_name == "CoffeeOrdered" and event.metadata.get("schema", 1)
    )
    return [
        f"The number {number} of {day} was given {n} times."
        for (day, number), n in numbers.items()
        if n > 1
    ]

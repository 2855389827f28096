"""Random commands, made from the command classes: a new command takes part by itself."""

from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from random import Random
from typing import Any, get_type_hints

from orders.domain.command import Command, Envelope
from orders.domain.ordering import AmendOrder
from orders.domain.tests.cast import COOKIE, LATTE

ENVELOPE_FIELDS = {field.name for field in fields(Command)}

VALUES: dict[str, tuple[Any, ...]] = {
    "barista": ("staff-1", "staff-2"),
    "line": (1, 2, 3),
    "lines": ((), (1,), (1, 2)),
    "payment": ("a", "b", "c"),
    "refund": ("ra", "rb", "rc"),
    "given": (9_000,),
    "card_token": ("demo",),
    "seen_due": (None, 250),
}
"""What these fields may say; others follow from their type."""

OF_A_KIND: dict[tuple[type[Command], str], tuple[Any, ...]] = {
    (AmendOrder, "lines"): ((LATTE,), (LATTE, COOKIE), (replace(COOKIE, line=1, quantity=3),)),
    (AmendOrder, "replaces"): (0, 1),
}
"""What a field says in this kind of command."""


def kinds_of(parent: type[Command]) -> Iterator[type[Command]]:
    """Every command class below this one that has none below itself."""
    below = parent.__subclasses__()
    if not below:
        yield parent
    for kind in below:
        yield from kinds_of(kind)


def random_command(kind: type[Command], dice: Random, envelope: Envelope) -> Command:
    """A command of that class."""
    hints = get_type_hints(kind)
    own = [field.name for field in fields(kind) if field.name not in ENVELOPE_FIELDS]
    values = {
        name: dice.choice(OF_A_KIND[kind, name])
        if (kind, name) in OF_A_KIND
        else _value(name, hints[name], dice)
        for name in own
    }
    return kind(**envelope, **values)


def _value(name: str, kind: type, dice: Random) -> Any:
    if name in VALUES:
        return dice.choice(VALUES[name])
    if issubclass(kind, Enum):
        return dice.choice(list(kind))
    if kind is bool:
        return dice.random() < 0.4
    if kind is int:
        return dice.randint(1, 3)
    assert kind is str, f"say in VALUES what {name} may be"
    return "by dice"

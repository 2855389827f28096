"""The facts of one order in short, as a row keeps them: plain values, no name, no note.

From a story the same handlers that make today's screens make those of the past. Knows no table.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orders.domain.event import type_named, type_of
from orders.domain.events import CoffeeOrdered
from orders.domain.fact import Fact
from orders.domain.streams import ORDER

Told = list[Any]
"""type, payload, occurred_at, recorded_at, revision, position, actor, event id."""

NOBODY = UUID(int=0)
"""A story does not tell which command led to a fact; the log does."""


def told(fact: Fact) -> Told:
    """One fact in short. Personal fields are left empty: the row has them, and can forget them."""
    event_type = type_of(fact.event)
    payload = msgspec.json.decode(msgspec.json.encode(fact.event))  # lists, as a row gives them
    for field in event_type.personal_fields:
        payload[field] = ""
    return [
        event_type.name,
        payload,
        fact.occurred_at.isoformat(),
        fact.recorded_at.isoformat(),
        fact.revision,
        fact.position,
        fact.actor,
        fact.event_id.hex,
    ]


def told_by(facts: Iterable[Sequence[Any]], order: str, name: str, note: str) -> list[Fact]:
    """The facts of the order again, its customer's words put back in."""
    return [_fact(one, f"{ORDER}-{order}", name, note) for one in facts]


def _fact(one: Sequence[Any], stream: str, name: str, note: str) -> Fact:
    type_name, payload, occurred_at, recorded_at, revision, position, actor, event_id = one
    event_type = type_named(type_name)
    if event_type is None:
        raise LookupError(f"The story of {stream} tells of {type_name}, which nobody here knows.")
    if event_type.event_class is CoffeeOrdered:
        payload = {**payload, "name": name, "note": note}
    return Fact(
        event=msgspec.convert(payload, event_type.event_class),
        event_id=UUID(hex=event_id),
        type_name=type_name,
        schema=event_type.version,
        stream=stream,
        revision=revision,
        position=position,
        occurred_at=datetime.fromisoformat(occurred_at),
        recorded_at=datetime.fromisoformat(recorded_at),
        actor=actor,
        command_id=NOBODY,
        correlation_id="",
        causation_id="",
    )

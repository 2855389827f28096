"""One order, folded: what every order screen is a function of. And its facts in compact form.

A row keeps compact facts as plain values, without what is personal: from them the same functions
that make today's rows make those of the past. Knows no table.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orders.domain.event import published_types, type_named, type_of
from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus, evolve
from orders.domain.streams import ORDER
from orders.domain.upcasters import upcast
from projections.engine.folded_stream import Fold, FoldedStream, fold_facts

ORDERS = Fold(ORDER, OrderStatus(), evolve, lambda status: status.placed is not None)
"""How the engine folds the streams of orders."""

FoldedOrder = FoldedStream[OrderStatus]

CompactFact = list[Any]
"""type, payload, occurred_at, recorded_at, revision, position, actor, event id, version.

The version is that of the payload: a row is read also by a later program, until it is rebuilt.
"""

Words = Mapping[int, Mapping[str, str]]
"""What a customer wrote: by the revision of the fact, and by its field."""

FIRST_VERSION = 1
"""The version of a compact fact that does not say it: all events were of it then."""

NEW_VERSIONS = sum(event_type.version - 1 for event_type in published_types())
"""Grows with every new version of an event: rows that keep compact facts are then built anew."""

UNKNOWN_COMMAND = UUID(int=0)
"""A compact fact does not say which command led to it; the log does."""


def order_of(order: str, facts: Sequence[Fact]) -> FoldedOrder:
    """The order (a hexadecimal id) of which these facts are known."""
    return fold_facts(ORDERS, f"{ORDER}-{order}", facts)


def dump(fact: Fact) -> CompactFact:
    """One fact as plain values. Personal fields are left empty: the row has and can forget them."""
    event_type = type_of(fact.event)
    payload = msgspec.to_builtins(fact.event)
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
        event_type.version,
    ]


def words_in(facts: Iterable[Fact]) -> Words:
    """What a customer wrote into each of these facts, by field, where it is more than nothing."""
    found = {}
    for fact in facts:
        fields = type_of(fact.event).personal_fields
        written = {field: text for field in fields if (text := getattr(fact.event, field))}
        if written:
            found[fact.revision] = written
    return found


def load(facts: Iterable[CompactFact], order: str, words: Words) -> list[Fact]:
    """The facts of the order again, its customer's words put back in: by revision and field."""
    return [_fact(fact, f"{ORDER}-{order}", words) for fact in facts]


def _fact(compact: CompactFact, stream: str, words: Words) -> Fact:
    written_as, payload, occurred_at, recorded_at, revision, position, actor, event_id = compact[:8]
    version = compact[8] if len(compact) > 8 else FIRST_VERSION
    happened_at = datetime.fromisoformat(occurred_at)
    type_name, payload = upcast(written_as, version, payload, occurred_at=happened_at)
    event_type = type_named(type_name)
    if event_type is None:
        raise LookupError(f"A compact fact of {stream} is a {type_name}, which is unknown here.")
    written = words.get(revision, {})
    for field in event_type.personal_fields:
        payload = {**payload, field: written.get(field, "")}
    return Fact(
        event=msgspec.convert(payload, event_type.event_class),
        event_id=UUID(hex=event_id),
        type_name=type_name,
        schema=event_type.version,
        stream=stream,
        revision=revision,
        position=position,
        occurred_at=happened_at,
        recorded_at=datetime.fromisoformat(recorded_at),
        actor=actor,
        command_id=UNKNOWN_COMMAND,
        correlation_id="",
        causation_id="",
    )

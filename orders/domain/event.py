"""What an event is: a fact with an owner, a name and a schema version.

The name and the version are data in a registry, never a class path: classes may be renamed
freely, what was written stays readable. This module knows no single event type; they stand in
`events.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, TypeVar, get_type_hints


class Owner(StrEnum):
    """The three services. Each event type belongs to exactly one, and only that one writes it."""

    ORDERING = "ordering"
    PREPARATION = "preparation"
    PAYMENT = "payment"


PERSONAL = "personal"
"""The mark of a field about a person: encrypted at rest with the key of the event's `customer`."""

Personal = Annotated[str, PERSONAL]

FORGOTTEN = "forgotten"
"""What a personal field reads as when its key is gone, or when a reader was not given the keys."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. Subclasses are frozen, carry only plain values, and are named in the past tense."""


@dataclass(frozen=True)
class EventType:
    """One line of the published language: which service says what, in which shape."""

    name: str
    version: int
    owner: Owner
    event_class: type[Event]
    personal_fields: tuple[str, ...]


_by_name: dict[str, EventType] = {}
_by_class: dict[type[Event], EventType] = {}

E = TypeVar("E", bound=type[Event])


def owned_by(owner: Owner, name: str, *, version: int = 1) -> Callable[[E], E]:
    """Register an event class under its published name and its current schema version."""

    def register(event_class: E) -> E:
        if name in _by_name:
            raise ValueError(f"The event type {name} is registered twice.")
        hints = get_type_hints(event_class, include_extras=True)
        personal = tuple(
            field.name
            for field in fields(event_class)
            if PERSONAL in getattr(hints[field.name], "__metadata__", ())
        )
        if personal and "customer" not in hints:
            raise ValueError(f"{name} has personal fields but no customer whose key protects them.")
        event_type = EventType(name, version, owner, event_class, personal)
        _by_name[name] = event_type
        _by_class[event_class] = event_type
        return event_class

    return register


def type_named(name: str) -> EventType | None:
    """The registered type of that published name, or None for a name nobody knows (yet)."""
    return _by_name.get(name)


def type_of(event: Event | type[Event]) -> EventType:
    """The registered type of an event or of an event class."""
    return _by_class[event if isinstance(event, type) else type(event)]


def published_types() -> tuple[EventType, ...]:
    """Every registered type, in the order of their names."""
    return tuple(_by_name[name] for name in sorted(_by_name))

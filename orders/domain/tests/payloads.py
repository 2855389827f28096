"""Plain payloads ⇄ events, in a few lines: enough for golden files, without the codec.

Knows the few kinds of fields an event may have; the codec of the real bytes is tested where it
lives.
"""

from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from orders.domain.event import PERSONAL


def from_plain(kind: Any, plain: Any) -> Any:
    """The value of that type. Raises TypeError for a missing, unknown or wrongly typed field."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        if set(plain) != set(hints):
            raise TypeError(f"{kind.__name__}: {sorted(plain)} instead of {sorted(hints)}")
        return kind(**{name: from_plain(hints[name], value) for name, value in plain.items()})
    if get_origin(kind) is tuple:
        return tuple(from_plain(get_args(kind)[0], value) for value in plain)
    if get_origin(kind) in (Union, UnionType):
        inner = next(arg for arg in get_args(kind) if arg is not NoneType)
        return None if plain is None else from_plain(inner, plain)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(plain)
    if type(plain) is not kind:
        raise TypeError(f"{plain!r} is not {kind.__name__}")
    return plain


def to_plain(value: Any) -> Any:
    """What JSON would carry of it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def shape_of(kind: Any) -> Any:
    """The names and types of the fields: what readers of old events rely on."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind, include_extras=True)
        return {name: shape_of(hint) for name, hint in sorted(hints.items())}
    if PERSONAL in getattr(kind, "__metadata__", ()):
        return f"{PERSONAL} {kind.__origin__.__name__}"
    if get_origin(kind) is tuple:
        return [shape_of(get_args(kind)[0])]
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(sorted(str(shape_of(arg)) for arg in get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "one of: " + ", ".join(sorted(kind))
    return "nothing" if kind is NoneType else kind.__name__

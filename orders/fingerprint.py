"""Fingerprints of commands: whether two with the same id are the same. A keyed hash of the fields.

Keyed, so that it says nothing about a name in it to a reader of the log. Knows no single command.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from orders.derived_keys import derived_key
from orders.domain.command import Command

NOT_COMPARED = frozenset(
    {
        "added_seconds",
        "command_id",
        "at",
        "correlation_id",
        "causation_id",
        "number",
        "pick_up_at",
        "day",
        "currency",
        "for_minutes",
        "promised_seconds",
        "room_seconds",
        "seen_due",
        "unit_price",
        "waits_for",
        "work_seconds",
    }
)
"""What the shop adds to a command: it may differ when the same form is sent a second time."""


def fingerprint_of(command: Command) -> str:
    """A keyed hash of the command's fields, without time and without what the shop adds."""
    fields = _compared(msgspec.to_builtins(command))
    if fields.get("requested"):
        del fields["lines"]  # the menu's words for what was requested: they may have changed since
    text = msgspec.json.encode([type(command).__name__, fields], order="deterministic")
    return hmac.new(derived_key("fingerprint"), text, hashlib.sha256).hexdigest()


def _compared(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _compared(v) for k, v in value.items() if k not in NOT_COMPARED}
    if isinstance(value, list | tuple):
        return [_compared(element) for element in value]
    return value

"""What makes two sendings of one command id the same wish: a keyed hash of what was wished.

Keyed, so that it says nothing about a name in it to whoever reads the log. Knows no single command.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from orders.derived_keys import pepper
from orders.domain.command import Command

NOT_THE_WISH = frozenset(
    {"command_id", "at", "number", "day", "currency", "promised_seconds", "unit_price"}
)
"""What the shop adds to a wish: it may differ when the same form is sent a second time."""


def fingerprint_of(command: Command) -> str:
    """A keyed hash of the wish: who wants what. Without time and without what the shop adds."""
    wish = _wish_in(msgspec.to_builtins(command))
    text = msgspec.json.encode([type(command).__name__, wish], order="deterministic")
    return hmac.new(pepper("fingerprint"), text, hashlib.sha256).hexdigest()


def _wish_in(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _wish_in(v) for k, v in value.items() if k not in NOT_THE_WISH}
    if isinstance(value, list | tuple):
        return [_wish_in(element) for element in value]
    return value

"""A piece of a live screen: an element's id, its new HTML, and where it stands. Plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec


@dataclass(frozen=True)
class Fragment:
    """The full state of one element; `html` None takes it off the screen.

    With a `slot` it stands in that list, sorted by `sort` as text; without one it replaces the
    element of the same id where that is.
    """

    id: str
    html: str | None
    slot: str = ""
    sort: str = ""


def snapshot_message(
    view: str, generation: int, seq: int, at: datetime, fragments: list[Fragment]
) -> str:
    """The whole screen. `at` is the server's time."""
    return _text(
        kind="snapshot",
        view=view,
        generation=generation,
        seq=seq,
        at=at.isoformat(),
        fragments=fragments,
    )


def push_message(view: str, generation: int, seq: int, fragments: list[Fragment]) -> str:
    """The elements that one commit changed."""
    return _text(kind="push", view=view, generation=generation, seq=seq, fragments=fragments)


def heartbeat_message(view: str, generation: int, seq: int, at: datetime) -> str:
    """The server is there, and this is the number of the newest state."""
    return _text(kind="heartbeat", view=view, generation=generation, seq=seq, at=at.isoformat())


def _text(**message: Any) -> str:
    # A rendered template is a str of a class of its own; this makes it plain text again.
    return msgspec.json.encode(message, enc_hook=str.__str__).decode()

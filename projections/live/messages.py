"""The messages that a live screen's socket carries to the browser, as JSON text."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from projections.live.staleness import Staleness
from projections.screen import Fragment


def snapshot_message(
    view: str,
    generation: int,
    seq: int,
    at: datetime,
    fragments: Sequence[Fragment],
    stale: Staleness | None = None,
    program: str = "",
) -> str:
    """The whole screen. `at` is the server's time; `stale` says what is missing on it.

    `program` names the scripts and styles that the web process serves.
    """
    return _text(
        kind="snapshot",
        view=view,
        generation=generation,
        seq=seq,
        at=at.isoformat(),
        fragments=fragments,
        stale=stale,
        program=program,
    )


def push_message(view: str, generation: int, seq: int, fragments: Sequence[Fragment]) -> str:
    """The elements that one commit changed."""
    return _text(kind="push", view=view, generation=generation, seq=seq, fragments=fragments)


def summary_message(view: str, fragments: Sequence[Fragment]) -> str:
    """The elements that sum up the whole view. Without a number: the next one is whole again."""
    return _text(kind="summary", view=view, fragments=fragments)


def heartbeat_message(
    view: str, generation: int, seq: int, at: datetime, stale: Staleness | None = None
) -> str:
    """The server is there, this is the number of the newest state, and what that state lacks."""
    return _text(
        kind="heartbeat",
        view=view,
        generation=generation,
        seq=seq,
        at=at.isoformat(),
        stale=stale,
    )


def session_digest(key: str) -> str:
    """How one web process names a session to the others; its key would let anybody in."""
    return hashlib.sha256(key.encode()).hexdigest()


def _text(**message: Any) -> str:
    # A rendered template is a str of a class of its own; this makes it plain text again.
    return msgspec.json.encode(message, enc_hook=str.__str__).decode()

"""Spans: what one click leads to and how long each step takes, across the processes.

Off unless a tracer is installed at the start of a process; until then a span is one function call.
A span is found again in another process by its *traceparent* (W3C Trace Context), which the events
carry in their metadata and the pushes in their messages. Knows no OpenTelemetry:
`barstucks_site.telemetry.spans` does.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol

import msgspec

from orders.event_store import StoredEvent

Kind = Literal["internal", "server", "consumer"]


class Tracer(Protocol):
    """Who notes spans."""

    def span(
        self,
        name: str,
        attributes: dict[str, str | int],
        *,
        kind: Kind = "internal",
        follows: Sequence[str] = (),
    ) -> AbstractContextManager[None]:
        """A span around the work inside; below the current one, unless it follows others."""

    def traceparent(self) -> str:
        """How another process finds the current span; empty if there is none."""


_tracer: Tracer | None = None
_NOTHING: AbstractContextManager[None] = nullcontext()


def install(tracer: Tracer | None) -> None:
    """From now on this tracer notes the spans of the process; with None, nobody does."""
    global _tracer
    _tracer = tracer


def installed() -> Tracer | None:
    """The tracer of this process, if there is one."""
    return _tracer


def span(name: str, /, **attributes: str | int) -> AbstractContextManager[None]:
    """A span around a step of what is under way."""
    return _NOTHING if _tracer is None else _tracer.span(name, attributes)


def span_behind(
    name: str, events: Iterable[StoredEvent], /, **attributes: str | int
) -> AbstractContextManager[None]:
    """A span around what these events lead to; none if no traced work wrote them."""
    if _tracer is None:
        return _NOTHING
    return span_following(name, filter(None, map(_carried_by, events)), **attributes)


def span_following(
    name: str, traceparents: Iterable[str], /, **attributes: str | int
) -> AbstractContextManager[None]:
    """A span around what other processes' spans lead to; none if there are none."""
    if _tracer is None:
        return _NOTHING
    follows = list(dict.fromkeys(traceparents))
    if not follows:
        return _NOTHING
    return _tracer.span(name, attributes, kind="consumer", follows=follows)


def traceparent() -> str:
    """How another process finds the current span; empty if there is none."""
    return "" if _tracer is None else _tracer.traceparent()


class _Metadata(msgspec.Struct):
    traceparent: str = ""


_metadata = msgspec.json.Decoder(_Metadata)


def _carried_by(event: StoredEvent) -> str:
    try:
        return _metadata.decode(event.metadata).traceparent
    except (msgspec.MsgspecError, ValueError, RecursionError):  # `event_codec.NO_JSON`
        return ""

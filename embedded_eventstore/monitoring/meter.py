"""Counts what goes through the server: calls, events, commits.

Stands between the parts and the wire, so that no part knows it is counted. Lives in the event loop,
but for the commits, which are counted in the writer's thread.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from embedded_eventstore.monitoring.rates import Durations, PerSecond
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.calls import Handler
from embedded_eventstore.protocol.method import STREAMS, Method, Part
from embedded_eventstore.storage.operations import Record

_READ = f"{STREAMS}/Read"


class Meter:
    """The counters of one server."""

    def __init__(self) -> None:
        self.events_written = PerSecond()
        self.events_sent = PerSecond()
        self.calls = PerSecond()
        self.commits = Durations()
        self.open_calls: Counter[str] = Counter()
        """By client connection."""

    def watch(self, part: Part) -> Part:
        """The same part, counted."""
        return _Watched(part, self)

    def written(self, records: list[Record]) -> None:
        """Count what was committed."""
        self.events_written.add(len(records))


class _Watched:
    def __init__(self, part: Part, meter: Meter) -> None:
        self._part = part
        self._meter = meter

    def methods(self) -> Mapping[str, Method]:
        return {
            name: replace(method, handler=self._counted(method.handler, sends=name == _READ))
            for name, method in self._part.methods().items()
        }

    def _counted(self, handler: Handler, *, sends: bool) -> Handler:
        meter = self._meter

        async def counted(request: Any, context: errors.Context) -> Any:
            peer = context.peer()
            meter.calls.add()
            meter.open_calls[peer] += 1
            try:
                watched = cast("errors.Context", _Sending(context, meter)) if sends else context
                return await handler(request, watched)
            finally:
                meter.open_calls[peer] -= 1
                if not meter.open_calls[peer]:
                    del meter.open_calls[peer]

        return counted


class _Sending:
    """A call whose responses are counted."""

    def __init__(self, context: errors.Context, meter: Meter) -> None:
        self._context = context
        self._write = context.write
        self._add = meter.events_sent.add

    def write(self, response: Any) -> Any:
        self._add()
        return self._write(response)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

"""Filters on ``$all``: by stream name or event type, by prefixes or a regular expression.

The filter sees a link, never its target. Knows neither storage nor gRPC calls.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage.operations import Record
from embedded_eventstore.streams.regular_expressions import Expression, UnusableExpressionError

DEFAULT_WINDOW = 32
"""How many events a filtered subscription looks at per checkpoint step by default."""
_MAX_VERDICTS = 10_000
_MAX_REMEMBERED = 1000

FilterOptions = streams_pb2.ReadReq.Options.FilterOptions


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events of ``$all`` a reader gets. Verdicts are cached per name."""

    by_stream: bool
    wants: Callable[[str], bool]
    checkpoint_interval: int
    """A subscription reports its position each time it has considered this many events. A
    counted read has no checkpoints, and may leave it at 0."""
    is_cheap: bool = True
    """Otherwise a verdict may take some milliseconds: let others run in between."""
    _verdicts: dict[str, bool] = field(default_factory=dict)

    def matches(self, record: Record) -> bool:
        """Raises CallRefusedError when deciding takes too long."""
        name = record.stream if self.by_stream else record.type
        verdict = self._verdicts.get(name)
        if verdict is None:
            if len(self._verdicts) >= _MAX_VERDICTS:
                self._verdicts.clear()
            try:
                verdict = self.wants(name)
            except UnusableExpressionError as error:
                raise errors.invalid(str(error)) from error
            if len(name) <= _MAX_REMEMBERED:
                self._verdicts[name] = verdict
        return verdict


def parse_filter(options: FilterOptions) -> Filter:
    """Read a client's filter. Raises CallRefusedError."""
    match options.WhichOneof("filter"):
        case "stream_identifier":
            expression = options.stream_identifier
        case "event_type":
            expression = options.event_type
        case _:
            raise errors.invalid("A filter names neither streams nor event types.")
    match options.WhichOneof("window"):
        case "max":
            window = max(1, options.max)
        case "count":
            window = DEFAULT_WINDOW
        case _:
            raise errors.invalid("A filter says how large its window is: max or count.")
    by_stream = options.WhichOneof("filter") == "stream_identifier"
    interval = window * options.checkpointIntervalMultiplier
    if expression.regex:
        try:
            compiled = Expression(expression.regex)
        except UnusableExpressionError as error:
            raise errors.invalid(str(error)) from error
        return Filter(by_stream, compiled.is_found_in, interval, compiled.is_cheap)
    prefixes = tuple(expression.prefix)
    return Filter(by_stream, lambda name: not prefixes or name.startswith(prefixes), interval)

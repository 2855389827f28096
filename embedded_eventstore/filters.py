"""Filters on ``$all``: by stream name or event type, by prefixes or a regular expression.

A regular expression is searched for, not matched in full, as .NET does; clients anchor it
themselves. The filter sees a link, never its target. Knows neither storage nor gRPC calls.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from esdbclient.protos.Grpc import streams_pb2

from embedded_eventstore.operations import Record

DEFAULT_WINDOW = 32
"""How many events a filtered subscription looks at per checkpoint step, unless told."""
_MAX_VERDICTS = 10_000
_MAX_REGEX = 64 * 1024

FilterOptions = streams_pb2.ReadReq.Options.FilterOptions


class InvalidFilterError(ValueError):
    """The filter cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a reader of ``$all`` asked for. Verdicts are remembered per name."""

    by_stream: bool
    wants: Callable[[str], bool]
    checkpoint_interval: int
    """A subscription reports its position each time it has considered this many events."""
    _verdicts: dict[str, bool] = field(default_factory=dict)

    def matches(self, record: Record) -> bool:
        name = record.stream if self.by_stream else record.type
        verdict = self._verdicts.get(name)
        if verdict is None:
            if len(self._verdicts) >= _MAX_VERDICTS:
                self._verdicts.clear()
            verdict = self._verdicts[name] = self.wants(name)
        return verdict


def parse_filter(options: FilterOptions) -> Filter:
    """Read a client's filter. Raises InvalidFilterError."""
    match options.WhichOneof("filter"):
        case "stream_identifier":
            expression = options.stream_identifier
        case "event_type":
            expression = options.event_type
        case _:
            raise InvalidFilterError("A filter names neither streams nor event types.")
    window = options.max if options.WhichOneof("window") == "max" else DEFAULT_WINDOW
    if options.checkpointIntervalMultiplier == 0:
        raise InvalidFilterError("The checkpoint interval multiplier must be greater than 0.")
    return Filter(
        by_stream=options.WhichOneof("filter") == "stream_identifier",
        wants=_rule(expression.regex, tuple(expression.prefix)),
        checkpoint_interval=max(1, window) * options.checkpointIntervalMultiplier,
    )


def _rule(regex: str, prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    if not regex:
        return lambda name: name.startswith(prefixes) if prefixes else True
    if len(regex) > _MAX_REGEX:
        raise InvalidFilterError(f"A filter may be {_MAX_REGEX} characters long.")
    try:
        pattern = re.compile(_from_dotnet(regex))
    except re.error as error:
        raise InvalidFilterError(f"The filter {regex!r} cannot be used: {error}.") from error
    return lambda name: pattern.search(name) is not None


def _from_dotnet(regex: str) -> str:
    """.NET writes a named group as ``(?<name>…)``; look-behinds look alike and stay."""
    return re.sub(r"(?<!\\)\(\?<(?![=!])", "(?P<", regex)

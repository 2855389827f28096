"""The request of a Streams.Read call, checked and in our words.

Knows the protobuf request; knows neither the log nor how responses are sent.
"""

from dataclasses import dataclass

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.streams.append_service import parse_stream
from embedded_eventstore.streams.filters import Filter, parse_filter

START = "start"
END = "end"
_LARGEST_UINT64 = 2**64 - 1
_INDEX_PREFIX = "$idx-"
"""KurrentDB answers streams and filters of such names from its secondary indexes."""

_Options = streams_pb2.ReadReq.Options


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One Read call. ``stream`` None means ``$all``; ``count`` None means a subscription.

    ``origin`` is a revision of the stream or a position of ``$all``, or "start" or "end".
    """

    stream: str | None
    origin: int | str
    backwards: bool
    count: int | None
    event_filter: Filter | None
    resolve_links: bool
    structured_ids: bool
    with_edges: bool = False
    """Newer clients ask for a stream's first and last revisions as well."""


def parse_read(options: _Options) -> ReadRequest:
    """Parse and check a request. Raises CallRefusedError for what makes no sense."""
    stream, origin = _parse_origin(options)
    _refuse_indexes(options)
    event_filter = _parse_filter(options)
    if stream is not None and event_filter is not None:
        raise errors.invalid("Only $all can be read with a filter.")
    count = _parse_count(options)
    backwards = options.read_direction == _Options.Backwards
    if backwards and count is None:
        raise errors.invalid("A subscription cannot go backwards.")
    if not options.HasField("uuid_option"):
        raise errors.invalid("The UUID option is missing: string or structured.")
    if count is None and event_filter is not None and event_filter.checkpoint_interval == 0:
        raise errors.thrown_by_handler("The checkpoint interval multiplier is 0.")
    return ReadRequest(
        stream=stream,
        origin=origin,
        backwards=backwards,
        count=count,
        event_filter=event_filter,
        resolve_links=options.resolve_links,
        structured_ids=options.uuid_option.WhichOneof("content") == "structured",
        with_edges=count is not None and options.control_option.compatibility >= 1,
    )


def _parse_origin(options: _Options) -> tuple[str | None, int | str]:
    match options.WhichOneof("stream_option"):
        case "stream":
            stream = parse_stream(options.stream.stream_identifier)
            match options.stream.WhichOneof("revision_option"):
                case "revision":
                    return stream, _or_end(options.stream.revision)
                case "start" | "end" as edge:
                    return stream, edge
        case "all":
            match options.all.WhichOneof("all_option"):
                case "position":
                    return None, _or_end(options.all.position.commit_position)
                case "start" | "end" as edge:
                    return None, edge
    raise errors.invalid("A read says what to read, and from where.")


def _refuse_indexes(options: _Options) -> None:
    if options.WhichOneof("stream_option") == "stream":
        refuse_indexes(options.stream.stream_identifier.stream_name.decode(errors="replace"))
    refuse_indexes(*options.filter.stream_identifier.prefix)


def refuse_indexes(*names: str) -> None:
    """Refuse to look for events in an index: to find none would say that there are none.

    ``names`` of streams, or what they begin with. Raises CallRefusedError.
    """
    for name in names:
        if name.startswith(_INDEX_PREFIX):
            raise errors.no_secondary_indexes(name)


def _or_end(number: int) -> int | str:
    """The largest number there is means the end, too."""
    return END if number == _LARGEST_UINT64 else number


def _parse_filter(options: _Options) -> Filter | None:
    match options.WhichOneof("filter_option"):
        case "no_filter":
            return None
        case "filter":
            return parse_filter(options.filter)
    raise errors.invalid("The filter option is missing: filter or no_filter.")


def _parse_count(options: _Options) -> int | None:
    match options.WhichOneof("count_option"):
        case "count":
            return options.count
        case "subscription":
            return None
    raise errors.invalid("The count option is missing: count or subscription.")

"""The requests about groups, checked and in our words.

Knows the protobuf requests, also those of clients older than groups on ``$all``; knows no group.
"""

from dataclasses import dataclass
from typing import Any

from embedded_eventstore.client_library import persistent_pb2, shared_pb2
from embedded_eventstore.persistent import refusals
from embedded_eventstore.persistent.group_cursor import usable_filter
from embedded_eventstore.persistent.settings import (
    ALL,
    FROM_END,
    STRATEGIES,
    FilterSettings,
    GroupEntry,
    Settings,
)
from embedded_eventstore.protocol import errors
from embedded_eventstore.streams.read_request import refuse_indexes

_TICKS_PER_MILLISECOND = 10_000
_LARGEST_REVISION = 2**63 - 1

CreateOrUpdate = persistent_pb2.CreateReq.Options | persistent_pb2.UpdateReq.Options


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group by the name of its stream (or ``$all``) and its own."""

    stream: str
    group: str


def parse_group(options: Any) -> GroupName:
    """The group that any request but List is about: a stream, ``all``, or neither (old clients)."""
    match options.WhichOneof("stream_option"):
        case "all":
            stream = ALL
        case "stream":
            stream = _text(options.stream.stream_identifier)
        case _:
            stream = _text(options.stream_identifier)
    name = GroupName(stream, options.group_name)
    if not stream:
        raise refusals.failed(stream, name.group, "Bad stream name.")
    return name


def parse_entry(options: CreateOrUpdate, end: int) -> GroupEntry:
    """The group to create or update. ``end`` is the last revision or position there is.

    Raises CallRefusedError.
    """
    name = parse_group(options)
    refuse_indexes(name.stream)
    start = _start(options)
    settings = _settings(options.settings)
    if name.stream == ALL and options.WhichOneof("stream_option") != "all":
        raise refusals.failed(
            ALL,
            name.group,
            "Persistent subscriptions to $all are only supported over gRPC through gRPC clients",
        )
    if settings.strategy not in STRATEGIES:
        raise refusals.failed(
            name.stream, name.group, f"Consumer strategy {settings.strategy} does not exist."
        )
    if name.stream == ALL and start > end:
        raise refusals.failed(
            name.stream,
            name.group,
            "Invalid Start From position: commit position must be less than or equal to the last"
            " commit position in the transaction file.",
        )
    if not 0 < settings.history_buffer_size > settings.read_batch_size:
        raise refusals.failed(
            name.stream,
            name.group,
            "Specified argument was out of the range of valid values. (Parameter 'ReadBatchSize"
            " may not be greater than or equal to BufferSize')",
        )
    return GroupEntry(name.stream, name.group, start, end, settings, _filter(options))


def _start(options: CreateOrUpdate) -> int:
    match options.WhichOneof("stream_option"):
        case "stream":
            match options.stream.WhichOneof("revision_option"):
                case "revision":
                    return _revision(options.stream.revision)
                case "end":
                    return FROM_END
                case _:
                    return 0
        case "all":
            match options.all.WhichOneof("all_option"):
                case "position":
                    position = options.all.position
                    if position.prepare_position > position.commit_position:
                        raise refusals.failed(
                            ALL,
                            options.group_name,
                            "Invalid Start From position: prepare position must be less than or"
                            " equal to the commit position.",
                        )
                    return int(position.commit_position)
                case "end":
                    return FROM_END
                case _:
                    return 0
        case _:
            return _revision(options.settings.revision)


def _settings(given: Any) -> Settings:
    match given.WhichOneof("message_timeout"):
        case "message_timeout_ticks":
            message_timeout = given.message_timeout_ticks // _TICKS_PER_MILLISECOND
        case _:
            message_timeout = given.message_timeout_ms
    match given.WhichOneof("checkpoint_after"):
        case "checkpoint_after_ticks":
            checkpoint_after = given.checkpoint_after_ticks // _TICKS_PER_MILLISECOND
        case _:
            checkpoint_after = given.checkpoint_after_ms
    # Only Create can name a strategy in words.
    named = getattr(given, "consumer_strategy", "")
    try:
        strategy = named or persistent_pb2.CreateReq.ConsumerStrategy.Name(
            given.named_consumer_strategy
        )
    except ValueError:
        strategy = str(given.named_consumer_strategy)
    return Settings(
        resolve_links=given.resolve_links,
        extra_statistics=given.extra_statistics,
        message_timeout=message_timeout,
        max_retry_count=given.max_retry_count,
        checkpoint_after=checkpoint_after,
        min_checkpoint_count=given.min_checkpoint_count,
        max_checkpoint_count=given.max_checkpoint_count,
        max_subscriber_count=given.max_subscriber_count,
        live_buffer_size=given.live_buffer_size,
        read_batch_size=given.read_batch_size,
        history_buffer_size=given.history_buffer_size,
        strategy=strategy,
    )


def _filter(options: CreateOrUpdate) -> FilterSettings | None:
    if not isinstance(options, persistent_pb2.CreateReq.Options):
        return None
    if options.WhichOneof("stream_option") != "all":
        return None
    if options.all.WhichOneof("filter_option") != "filter":
        return None
    given = options.all.filter
    by_stream = given.WhichOneof("filter") == "stream_identifier"
    expression = given.stream_identifier if by_stream else given.event_type
    wanted = FilterSettings(by_stream, expression.regex, tuple(expression.prefix))
    if by_stream:
        refuse_indexes(*wanted.prefixes)
    usable_filter(wanted)
    return wanted


def _revision(value: int) -> int:
    """Old clients say "from the end" with the largest number there is."""
    return FROM_END if value > _LARGEST_REVISION else value


def _text(identifier: shared_pb2.StreamIdentifier) -> str:
    try:
        return identifier.stream_name.decode()
    except UnicodeDecodeError as error:
        raise errors.thrown_by_handler("A stream name is not UTF-8.") from error

"""What GetInfo and List say of a group. Knows the running group and protobuf."""

from embedded_eventstore.client_library import persistent_pb2
from embedded_eventstore.persistent.running_group import Connection, RunningGroup
from embedded_eventstore.persistent.settings import position_text


def info_of(running: RunningGroup) -> persistent_pb2.SubscriptionInfo:
    """The state of a group, and its settings."""
    entry, group, settings = running.entry, running.group, running.entry.settings
    new, again = group.waiting
    items, per_second = running.measure()
    held = sum(consumer.held for consumer in group.consumers)
    return persistent_pb2.SubscriptionInfo(
        event_source=entry.stream,
        group_name=entry.group,
        status="Live" if running.live else "Behind",
        connections=[_connection(connection) for connection in running.connections.values()],
        average_per_second=per_second,
        total_items=group.delivered,
        count_since_last_measurement=items,
        last_checkpointed_event_position=_text(running, running.checkpoint),
        last_known_event_position=_text(running, running.last_known),
        resolve_link_tos=settings.resolve_links,
        start_from=_text(running, entry.start),
        message_timeout_milliseconds=settings.message_timeout,
        extra_statistics=settings.extra_statistics,
        max_retry_count=settings.max_retry_count,
        live_buffer_size=settings.live_buffer_size,
        buffer_size=settings.history_buffer_size,
        read_batch_size=settings.read_batch_size,
        check_point_after_milliseconds=settings.checkpoint_after,
        min_check_point_count=settings.min_checkpoint_count,
        max_check_point_count=settings.max_checkpoint_count,
        read_buffer_count=new,
        retry_buffer_count=again,
        total_in_flight_messages=held,
        outstanding_messages_count=held,
        named_consumer_strategy=settings.strategy,
        max_subscriber_count=settings.max_subscriber_count,
        parked_message_count=running.parked_count,
    )


def _connection(connection: Connection) -> persistent_pb2.SubscriptionInfo.ConnectionInfo:
    consumer = connection.consumer
    described = persistent_pb2.SubscriptionInfo.ConnectionInfo(
        username=connection.peer.user,
        total_items=consumer.received,
        available_slots=max(0, consumer.capacity - consumer.held),
        in_flight_messages=consumer.held,
        connection_name=connection.peer.name,
    )
    # A word that Python keeps for itself.
    setattr(described, "from", connection.peer.address)
    return described


def _text(running: RunningGroup, position: int | None) -> str:
    return "" if position is None else position_text(running.entry.stream, position)

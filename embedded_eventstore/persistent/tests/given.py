"""A group to begin with, and what tests ask of it."""

from dataclasses import replace

from embedded_eventstore.persistent.group import Group, Message
from embedded_eventstore.persistent.progress import Progress
from embedded_eventstore.persistent.settings import Settings

NO_TIME = 0.0


def a_group(**changes: object) -> Group:
    settings = replace(Settings(max_retry_count=2), **changes)  # type: ignore[arg-type]
    return Group(settings, Progress(-1), Progress(-1))


def ack_id(position: int) -> bytes:
    return position.to_bytes(16, "big")


def take_in(group: Group, *positions: int, pin: str = "", size: int = 0) -> None:
    for position in positions:
        group.take_in(position, Message(ack_id(position), position, pin=pin, size=size))


def hand_out(group: Group, now: float = NO_TIME) -> list[tuple[int, int]]:
    """Position and retry count of what the group hands out now."""
    return [(held.message.position, held.message.retry_count) for held in group.deliveries(now)]


def ids(*positions: int) -> list[bytes]:
    return [ack_id(position) for position in positions]

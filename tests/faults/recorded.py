"""The log as somebody from outside reads it: through esdbclient, undecoded but for the JSON.

Uses nothing of the shop's own code, so that the audit cannot share a mistake with it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orders.event_store.client_library import EventStoreDBClient, RecordedEvent

CATEGORIES = ("order-", "customer-", "customername-", "ordernumbers-", "shop-", "pickups-")
PAGE = 50_000
PAGE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One recorded event."""

    stream: str
    revision: int
    position: int
    event_id: str
    type_name: str
    data: Mapping[str, Any]
    metadata: Mapping[str, Any]

    @property
    def order(self) -> str:
        """The id of the order it is about; "" for other streams."""
        return self.stream.removeprefix("order-") if self.stream.startswith("order-") else ""


def read_log(uri: str) -> list[Recorded]:
    """Every event of the shop's streams, in the order of the log."""
    client = EventStoreDBClient(uri)
    try:
        return [
            Recorded(
                stream=event.stream_name,
                revision=event.stream_position,
                position=event.commit_position or 0,
                event_id=event.id.hex,
                type_name=event.type,
                data=_fields(event.data),
                metadata=_fields(event.metadata),
            )
            for event in _pages(client)
            if event.stream_name.startswith(CATEGORIES)
        ]
    finally:
        client.close()


def _pages(client: EventStoreDBClient) -> Iterator[RecordedEvent]:
    """Every event, with a deadline for each page: how long the whole takes depends on the log."""
    last = -1
    while page := [
        event
        for event in client.read_all(commit_position=max(last, 0), limit=PAGE, timeout=PAGE_SECONDS)
        if (event.commit_position or 0) > last
    ]:
        yield from page
        last = page[-1].commit_position or 0


def _fields(text: bytes) -> Mapping[str, Any]:
    """The fields of a JSON object; none of what is not one."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def head(uri: str) -> int:
    """The commit position of the last event of all: unchanged means nothing was appended."""
    client = EventStoreDBClient(uri)
    try:
        return client.get_commit_position(timeout=10)
    finally:
        client.close()

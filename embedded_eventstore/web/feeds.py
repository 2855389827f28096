"""Streams and events as JSON, in the shape of Eventstore's own feeds with embedded bodies.

Knows events and addresses; knows neither the log nor HTTP.
"""

from urllib.parse import quote

from embedded_eventstore.access.stream_rights import ALL_STREAM
from embedded_eventstore.web.events import Event, EventPage, for_json

PAGE_EVENTS = 20


def stream_address(stream: str) -> str:
    """The path of a stream, below ``/``."""
    return f"/streams/{quote(stream, safe='$')}"


def as_feed(page: EventPage) -> dict[str, object]:
    """A page; its links lead to older (``next``) and newer (``previous``) events."""
    address = stream_address(page.stream)
    links = [
        {"relation": "self", "uri": address},
        {"relation": "first", "uri": f"{address}/head/backward/{PAGE_EVENTS}"},
        {"relation": "last", "uri": f"{address}/0/forward/{PAGE_EVENTS}"},
    ]
    if page.older is not None:
        uri = f"{address}/{page.older}/backward/{PAGE_EVENTS}"
        links.append({"relation": "next", "uri": uri})
    if page.newer is not None:
        uri = f"{address}/{page.newer}/forward/{PAGE_EVENTS}"
        links.append({"relation": "previous", "uri": uri})
    return {
        "title": f"Event stream '{page.stream}'",
        "streamId": page.stream,
        "headOfStream": page.newer is None,
        "links": links,
        "entries": [as_entry(event, page.stream) for event in page.events],
    }


def as_entry(event: Event, found_in: str) -> dict[str, object]:
    """One event. What is not JSON stands as base64."""
    # In $all everything is found under its own stream.
    stream, number = event.place if found_in != ALL_STREAM else (event.stream, event.number)
    return {
        "title": event.name,
        "id": f"{stream_address(stream)}/{number}",
        "updated": event.created.isoformat(),
        "eventId": event.event_id,
        "eventType": event.type,
        "eventNumber": event.number,
        "streamId": event.stream,
        "isJson": event.is_json,
        "data": for_json(event.data, is_json=event.is_json),
        "metaData": for_json(event.metadata, is_json=True),
        "position": event.position,
        "positionStreamId": event.place[0],
        "positionEventNumber": event.place[1],
    }

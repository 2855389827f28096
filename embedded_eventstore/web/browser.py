"""The stream browser: streams lately made or changed, one stream, one event."""

from collections.abc import Iterable

from embedded_eventstore.access.stream_rights import ALL_STREAM
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.web.events import Event, EventPage, pretty
from embedded_eventstore.web.feeds import stream_address
from embedded_eventstore.web.markup import NOTHING, Markup, render, together

STREAMS_SHOWN = 20
_EVENTS_SEARCHED = 2000
_LONGEST_SHOWN = 64 * 1024
"""Characters of an event's data on its page, and of the metadata."""
_LONGEST_IN_LIST = 2000


def address(stream: str, number: int | None = None) -> str:
    """The page of a stream or of one of its events."""
    page = f"/web{stream_address(stream)}"
    return page if number is None else f"{page}/{number}"


def streams(reader: LogReader) -> Markup:
    """Without the system's own streams."""
    return render(
        "streams",
        created=_list(reader.newest_streams(STREAMS_SHOWN)),
        changed=_list(reader.changed_streams(STREAMS_SHOWN, _EVENTS_SEARCHED)),
    )


def stream(page: EventPage) -> Markup:
    """Newest first, as the original shows it."""
    here = address(page.stream)
    newer = older = NOTHING
    if page.newer is not None:
        newer = render("step", href=f"{here}?from={page.newer}&newer=", text="‹ Newer")
    if page.older is not None:
        older = render("step", href=f"{here}?from={page.older}", text="Older ›")
    return render(
        "stream",
        stream=page.stream,
        here=here,
        rows=together(_row(event, page.stream) for event in page.events),
        nothing=NOTHING if page.events else render("nothing", text="No events here."),
        newer=newer,
        older=older,
        oldest=f"{here}?from=0&newer=",
        json=stream_address(page.stream),
    )


def event(found: Event, found_in: str) -> Markup:
    is_all = found_in == ALL_STREAM
    stream, number = (found.stream, found.number) if is_all else found.place
    earlier = later = NOTHING
    if number > 0:
        earlier = render("step", href=address(stream, number - 1), text="‹ Earlier")
    if number < TOMBSTONE:
        later = render("step", href=address(stream, number + 1), text="Later ›")
    metadata = NOTHING
    if found.metadata:
        text = _shortened(pretty(found.metadata, is_json=True), _LONGEST_SHOWN)
        metadata = render("block", heading="Metadata", text=text)
    linked = NOTHING
    if found.link:
        linked_in, place = found.link
        linked = render(
            "linked", name=f"{place}@{linked_in}", href=address(found.stream, found.number)
        )
    text = _shortened(pretty(found.data, is_json=found.is_json), _LONGEST_SHOWN)
    return render(
        "event",
        name=found.name,
        stream=found.stream,
        stream_href=address(stream),
        number=found.number,
        type=found.type,
        id=found.event_id,
        position=found.position,
        when=_when(found),
        linked=linked,
        data=render("block", heading="Data", text=text),
        metadata=metadata,
        earlier=earlier,
        later=later,
        json=f"{stream_address(stream)}/{number}",
    )


def _row(found: Event, found_in: str) -> Markup:
    stream, number = (found.stream, found.number) if found_in == ALL_STREAM else found.place
    return render(
        "row",
        number=found.position if found_in == ALL_STREAM else number,
        name=found.name,
        href=address(stream, number),
        type=found.type,
        when=_when(found),
        text=_shortened(pretty(found.data, is_json=found.is_json), _LONGEST_IN_LIST),
    )


def _when(found: Event) -> Markup:
    shown = found.created.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return render("when", exact=found.created.isoformat(), shown=shown)


def _list(names: Iterable[str]) -> Markup:
    items = [render("item", href=address(name), text=name) for name in names]
    return together(items) if items else render("nothing_item", text="None yet.")


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}\n… cut off; the JSON has all of it."

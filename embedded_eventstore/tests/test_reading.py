"""Counted reads of a stream and of everything. Runs against a real Eventstore as well."""

from collections.abc import Sequence

import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    GrpcDeadlineExceeded,
    NewEvent,
    NotFound,
    RecordedEvent,
    StreamState,
    shared_pb2,
    streams_pb2,
)
from embedded_eventstore.tests import given

Options = streams_pb2.ReadReq.Options

pytestmark = pytest.mark.closed_too


@pytest.fixture
def ten(client: EventStoreDBClient, stream: str) -> list[RecordedEvent]:
    """A stream of ten events."""
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=given.events(10))
    return list(client.get_stream(stream))


def revisions(events: Sequence[RecordedEvent]) -> list[int]:
    return [event.stream_position for event in events]


@pytest.mark.parametrize(
    ("position", "backwards", "limit", "read"),
    [
        (None, False, 100, list(range(10))),
        (None, True, 100, list(range(9, -1, -1))),
        (4, False, 100, [4, 5, 6, 7, 8, 9]),
        (4, False, 2, [4, 5]),
        (4, True, 100, [4, 3, 2, 1, 0]),
        (4, True, 2, [4, 3]),
        (None, True, 1, [9]),
        (0, True, 100, [0]),
        (10, False, 100, []),
        (500, True, 2, [9, 8]),
    ],
)
@pytest.mark.usefixtures("ten")
def test_a_stream_is_read_from_a_revision_inclusive_in_either_direction(
    client: EventStoreDBClient,
    stream: str,
    position: int | None,
    backwards: bool,
    limit: int,
    read: list[int],
) -> None:
    found = client.get_stream(stream, stream_position=position, backwards=backwards, limit=limit)
    assert revisions(found) == read


def test_a_missing_stream_is_a_response_not_a_status(
    client: EventStoreDBClient, stream: str
) -> None:
    with pytest.raises(NotFound):
        client.get_stream(stream)
    assert client.get_current_version(stream) is StreamState.NO_STREAM
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    of_stream = Options.StreamOptions(stream_identifier=identifier, start=shared_pb2.Empty())

    (response,) = given.raw_read(client, given.read_options(stream=of_stream))

    assert response.stream_not_found.stream_identifier.stream_name.decode() == stream


def test_everything_is_read_forwards_inclusive_and_backwards_exclusive(
    client: EventStoreDBClient, ten: list[RecordedEvent]
) -> None:
    fifth = ten[4].commit_position

    forwards = list(client.read_all(commit_position=fifth, limit=3))
    backwards = list(client.read_all(commit_position=fifth, backwards=True, limit=3))

    assert [event.id for event in forwards] == [event.id for event in ten[4:7]]
    assert [event.id for event in backwards] == [ten[n].id for n in (3, 2, 1)]


def test_everything_begins_with_a_system_event_and_grows_in_order(
    client: EventStoreDBClient, ten: list[RecordedEvent]
) -> None:
    everything = list(client.read_all(filter_exclude=()))
    positions = [event.commit_position or 0 for event in everything]

    assert everything[0].type.startswith("$")
    assert positions == sorted(set(positions))
    assert all(event.commit_position == event.prepare_position for event in everything)
    assert {event.id for event in ten} <= {event.id for event in everything}
    assert [event.id for event in client.read_all(filter_exclude=(), backwards=True)] == [
        event.id for event in reversed(everything)
    ]


def test_the_commit_position_is_that_of_the_last_user_event(
    client: EventStoreDBClient, stream: str
) -> None:
    position = client.append_to_stream(
        stream, current_version=StreamState.ANY, events=given.an_event()
    )
    client.set_stream_metadata(stream, metadata={"$maxCount": 5})

    assert client.get_commit_position() == position


def test_filters_choose_by_stream_or_by_type(client: EventStoreDBClient, category: str) -> None:
    for number, type_name in enumerate(("Ordered", "Paid", "Ordered")):
        event = given.an_event(f"{category}{type_name}")
        client.append_to_stream(
            f"{category}-{number}", current_version=StreamState.ANY, events=event
        )

    by_type = client.read_all(filter_include=[f"{category}Ordered"])
    by_stream = client.read_all(filter_include=[f"{category}-[12]"], filter_by_stream_name=True)
    without = client.read_all(filter_exclude=[f"{category}Paid", r"\$.+"])

    assert [event.stream_name for event in by_type] == [f"{category}-0", f"{category}-2"]
    assert [event.stream_name for event in by_stream] == [f"{category}-1", f"{category}-2"]
    assert f"{category}-1" not in {event.stream_name for event in without}


def test_a_limit_counts_what_the_filter_lets_through(
    client: EventStoreDBClient, category: str
) -> None:
    for type_name in ("Noise", "Signal") * 40:
        event = given.an_event(f"{category}{type_name}")
        client.append_to_stream(f"{category}-1", current_version=StreamState.ANY, events=event)

    found = list(client.read_all(filter_include=[f"{category}Signal"], limit=35))
    newest = list(client.read_all(filter_include=[f"{category}Signal"], limit=2, backwards=True))

    assert revisions(found) == list(range(1, 71, 2))
    assert revisions(newest) == [79, 77]


def test_prefixes_filter_too(client: EventStoreDBClient, category: str) -> None:
    client.append_to_stream(
        f"{category}-1", current_version=StreamState.ANY, events=given.an_event()
    )
    expression = Options.FilterOptions.Expression(prefix=["nothing", category])
    wanted = Options.FilterOptions(
        stream_identifier=expression, max=32, checkpointIntervalMultiplier=1
    )

    (response,) = given.raw_read(client, given.read_options(filter=wanted))

    assert response.event.event.stream_identifier.stream_name.decode() == f"{category}-1"


def test_many_large_events_come_in_order(client: EventStoreDBClient, stream: str) -> None:
    for _ in range(12):
        large = [NewEvent(type="T", data=b"x" * 50_000) for _ in range(20)]
        client.append_to_stream(stream, current_version=StreamState.ANY, events=large)

    assert revisions(client.get_stream(stream)) == list(range(240))
    assert revisions(client.get_stream(stream, backwards=True)) == list(range(239, -1, -1))


def test_links_are_followed_on_request(client: EventStoreDBClient, category: str) -> None:
    target, links = f"{category}-target", f"{category}-links"
    client.append_to_stream(target, current_version=StreamState.ANY, events=given.events(2))
    pointing = [
        NewEvent(type="$>", data=f"1@{target}".encode()),
        NewEvent(type="$>", data=f"7@{target}".encode()),
        NewEvent(type="$>", data=b"nonsense"),
    ]
    client.append_to_stream(links, current_version=StreamState.ANY, events=pointing)

    (resolved,) = client.get_stream(links, resolve_links=True)

    assert (resolved.stream_name, resolved.stream_position) == (target, 1)
    assert resolved.link is not None
    assert (resolved.link.id, resolved.link.stream_name) == (pointing[0].id, links)
    assert [event.type for event in client.get_stream(links)] == ["$>"] * 3
    (in_all,) = client.read_all(
        filter_include=[links], filter_by_stream_name=True, resolve_links=True
    )
    assert in_all.ack_id == pointing[0].id


def test_a_link_to_a_hidden_event_leads_nowhere(client: EventStoreDBClient, category: str) -> None:
    target, links = f"{category}-target", f"{category}-links"
    client.append_to_stream(target, current_version=StreamState.ANY, events=given.events(2))
    link = NewEvent(type="$>", data=f"0@{target}".encode())
    client.append_to_stream(links, current_version=StreamState.ANY, events=link)
    client.set_stream_metadata(target, metadata={"$tb": 1})

    assert client.get_stream(links, resolve_links=True) == ()


def test_ids_come_in_the_form_that_was_asked_for(client: EventStoreDBClient, stream: str) -> None:
    event = given.an_event()
    client.append_to_stream(stream, current_version=StreamState.ANY, events=event)
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    of_stream = Options.StreamOptions(stream_identifier=identifier, start=shared_pb2.Empty())
    structured = Options.UUIDOption(structured=shared_pb2.Empty())

    (response,) = given.raw_read(
        client, given.read_options(stream=of_stream, uuid_option=structured)
    )

    parts = response.event.event.id.structured
    high, low = (
        bits & (2**64 - 1) for bits in (parts.most_significant_bits, parts.least_significant_bits)
    )
    assert high << 64 | low == event.id.int


@pytest.mark.parametrize(
    ("start", "count", "truncated_before", "edges"),
    [
        (0, 100, 0, (None, 9)),
        (0, 1, 5, (5, 9)),
        (0, 100, 5, (None, 9)),
        (10, 5, 0, (None, 9)),
        (50, 5, 0, (10, 9)),
    ],
    ids=["whole", "before what is kept", "into what is kept", "at the end", "beyond the end"],
)
@pytest.mark.usefixtures("ten")
def test_newer_clients_learn_where_a_stream_begins_and_ends(
    client: EventStoreDBClient,
    stream: str,
    start: int,
    count: int,
    truncated_before: int,
    edges: tuple[int | None, int],
) -> None:
    client.set_stream_metadata(stream, metadata={"$tb": truncated_before})
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    options = given.read_options(
        stream=Options.StreamOptions(stream_identifier=identifier, revision=start),
        count=count,
        control_option=Options.ControlOption(compatibility=1),
    )

    responses = list(given.raw_read(client, options))

    first = [a.first_stream_position for a in responses if a.HasField("first_stream_position")]
    assert (first[0] if first else None, responses[-1].last_stream_position) == edges


@pytest.mark.differs
def test_a_filter_that_backtracks_for_ever_elsewhere_is_answered(
    client: EventStoreDBClient, category: str
) -> None:
    event = given.an_event("a" * 60 + "c")
    client.append_to_stream(f"{category}-1", current_version=StreamState.ANY, events=event)

    assert list(client.read_all(filter_include=["(a+)+b", "(.*a){30}d"])) == []
    assert event.id in {found.id for found in client.read_all(filter_include=["(a+)+c"])}


def test_a_read_with_no_time_left_is_refused(client: EventStoreDBClient) -> None:
    # Connected first: gRPC's client may hang for ever when it is closed while it shakes hands.
    client.get_commit_position()
    with pytest.raises(GrpcDeadlineExceeded):
        list(client.read_all(timeout=0))

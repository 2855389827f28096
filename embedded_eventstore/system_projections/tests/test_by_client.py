"""The link streams as a client sees them. A real Eventstore that is put to the same tests must run
its standard projections."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    NewEvent,
    NotFound,
    StreamState,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.conftest import CLUSTER_URI
from embedded_eventstore.tests.server_process import ServerProcess, free_port

PROJECTIONS = "--start-standard-projections"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("projections") / "log", 0, PROJECTIONS) as running:
        yield running


@pytest.fixture(params=["embedded", "cluster"] if CLUSTER_URI in os.environ else ["embedded"])
def client(request: pytest.FixtureRequest, server: ServerProcess) -> Iterator[EventStoreDBClient]:
    uri = server.uri if request.param == "embedded" else os.environ[CLUSTER_URI]
    with EventStoreDBClient(uri) as connected:
        yield connected


def append(client: EventStoreDBClient, stream: str, *events: NewEvent) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events)


def names_in(client: EventStoreDBClient, stream: str) -> list[tuple[str, int]]:
    """What a link stream leads to."""
    try:
        read = client.get_stream(stream, resolve_links=True)
    except NotFound:
        return []
    return [(event.stream_name, event.stream_position) for event in read]


def until(found: Callable[[], list[tuple[str, int]]], count: int) -> list[tuple[str, int]]:
    """Links are written a moment after their events."""
    deadline = time.monotonic() + 20
    while len(seen := found()) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return seen


def test_a_category_is_one_stream_of_all_its_streams(client: EventStoreDBClient) -> None:
    category = f"order{uuid4().hex}"
    append(client, f"{category}-1", *given.events(2))
    append(client, f"{category}-2", given.an_event())
    append(client, f"{category}-1", given.an_event())

    assert until(lambda: names_in(client, f"$ce-{category}"), 4) == [
        (f"{category}-1", 0),
        (f"{category}-1", 1),
        (f"{category}-2", 0),
        (f"{category}-1", 2),
    ]


def test_a_type_is_one_stream_of_all_its_events(client: EventStoreDBClient) -> None:
    kind = f"Coffee{uuid4().hex}"
    append(client, f"order-{kind}", given.an_event(kind), given.an_event("Other"))
    append(client, f"nocategory{kind}", given.an_event(kind))

    assert until(lambda: names_in(client, f"$et-{kind}"), 2) == [
        (f"order-{kind}", 0),
        (f"nocategory{kind}", 0),
    ]


def test_whoever_subscribes_to_a_category_follows_it_live(client: EventStoreDBClient) -> None:
    category = f"order{uuid4().hex}"
    append(client, f"{category}-1", given.an_event())
    with client.subscribe_to_stream(f"$ce-{category}", resolve_links=True) as subscription:
        first = next(subscription)
        append(client, f"{category}-2", given.an_event())
        second = next(subscription)

    assert [first.stream_name, second.stream_name] == [f"{category}-1", f"{category}-2"]


def test_a_link_tells_its_cause(client: EventStoreDBClient) -> None:
    category = f"order{uuid4().hex}"
    append(client, f"{category}-1", event := given.an_event())
    until(lambda: names_in(client, f"$ce-{category}"), 1)
    (link,) = client.get_stream(f"$ce-{category}")

    assert (link.type, link.data) == ("$>", f"0@{category}-1".encode())
    assert str(event.id).encode() in link.metadata


def test_a_deleted_stream_leaves_links_that_lead_nowhere(client: EventStoreDBClient) -> None:
    category = f"order{uuid4().hex}"
    append(client, f"{category}-1", given.an_event())
    append(client, f"{category}-2", given.an_event())
    client.delete_stream(f"{category}-1", current_version=StreamState.ANY)
    until(lambda: [(link.type, 0) for link in client.get_stream(f"$ce-{category}")], 3)

    found = names_in(client, f"$ce-{category}")
    assert (f"{category}-1", 0) not in found
    assert (f"{category}-2", 0) in found


def test_statistics_say_that_they_run(client: EventStoreDBClient) -> None:
    statistics = client.get_projection_statistics(name="$by_category")

    assert (statistics.name, statistics.status) == ("$by_category", "Running")
    with pytest.raises(NotFound):
        client.get_projection_statistics(name="none")


def status_of(client: EventStoreDBClient, name: str) -> str:
    return client.get_projection_statistics(name=name).status


def test_enabling_what_runs_changes_nothing(client: EventStoreDBClient) -> None:
    for name in ("$by_category", "$by_event_type", "$streams"):
        client.enable_projection(name)
        assert status_of(client, name) == "Running"
    client.restart_projections_subsystem()
    assert status_of(client, "$by_category") == "Running"
    for switch in (client.enable_projection, client.disable_projection):
        with pytest.raises(NotFound):
            switch("none")


def test_what_is_disabled_pauses_and_makes_up_for_it_once_enabled(
    client: EventStoreDBClient,
) -> None:
    category, kind = f"order{uuid4().hex}", f"Coffee{uuid4().hex}"
    written = [(f"{category}-1", revision) for revision in range(100)]
    append(client, f"{category}-1", *given.events(30, kind))
    until(lambda: names_in(client, f"$ce-{category}"), 30)

    client.disable_projection("$by_category")
    append(client, f"{category}-1", *given.events(30, kind))
    assert until(lambda: names_in(client, f"$et-{kind}"), 60) == written[:60]
    assert names_in(client, f"$ce-{category}") == written[:30]
    assert status_of(client, "$by_category") == "Stopped"
    assert status_of(client, "$by_event_type") == "Running"

    client.enable_projection("$by_category")
    append(client, f"{category}-1", *given.events(40, kind))
    assert until(lambda: names_in(client, f"$ce-{category}"), 100) == written
    assert until(lambda: names_in(client, f"$et-{kind}"), 100) == written


def test_what_is_enabled_and_disabled_stays_so_until_the_option_says_otherwise(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    with ServerProcess(log) as server, EventStoreDBClient(server.uri) as client:
        append(client, "order-1", given.an_event())
        client.enable_projection("$by_category")
        assert until(lambda: names_in(client, "$ce-order"), 1) == [("order-1", 0)]
        server.kill()
    with ServerProcess(log) as server, EventStoreDBClient(server.uri) as client:
        append(client, "order-1", given.an_event())
        assert len(until(lambda: names_in(client, "$ce-order"), 2)) == 2
        assert status_of(client, "$streams") == "Stopped"
        client.disable_projection("$by_category")
        server.kill()
    with ServerProcess(log) as server, EventStoreDBClient(server.uri) as client:
        append(client, "order-1", given.an_event())
        assert status_of(client, "$by_category") == "Stopped"
    with ServerProcess(log, 0, PROJECTIONS) as server, EventStoreDBClient(server.uri) as client:
        expected = [("order-1", revision) for revision in range(3)]
        assert until(lambda: names_in(client, "$ce-order"), 3) == expected
        assert until(lambda: names_in(client, "$et-CoffeeOrdered"), 3) == expected


def test_only_operators_switch_them(tmp_path: Path) -> None:
    data = given.accounts_with(tmp_path / "log", operator=["$ops"])
    with ServerProcess(data, 0, PROJECTIONS, closed=True) as server:
        with EventStoreDBClient(server.uri_for("operator")) as operator:
            operator.disable_projection("$streams")
            assert status_of(operator, "$streams") == "Stopped"
        with EventStoreDBClient(server.uri) as application:
            assert status_of(application, "$streams") == "Stopped"
            with pytest.raises(EventStoreDBClientException) as refused:
                application.enable_projection("$streams")
    error = given.call_behind(refused.value)
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


def test_projections_of_ones_own_are_refused_with_a_sentence(server: ServerProcess) -> None:
    with (
        EventStoreDBClient(server.uri) as client,
        pytest.raises(EventStoreDBClientException) as refused,
    ):
        client.create_projection(query="fromAll()", name="mine")
    error = given.call_behind(refused.value)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "system projections" in error.details()


def test_without_the_option_nothing_is_linked(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        append(client, "order-1", given.an_event())
        assert client.get_projection_statistics(name="$by_category").status == "Stopped"
        with pytest.raises(NotFound):
            client.get_stream("$streams")


@pytest.mark.slow
def test_killed_again_and_again_it_neither_loses_nor_doubles_a_link(tmp_path: Path) -> None:
    port = free_port()
    written: list[tuple[str, int]] = []
    for turn in range(12):
        with ServerProcess(tmp_path / "log", port, PROJECTIONS) as server:
            with EventStoreDBClient(server.uri) as client:
                for number in range(3):
                    stream = f"order-{turn}-{number}"
                    append(client, stream, *given.events(150))
                    written += [(stream, revision) for revision in range(150)]
                # Anywhere between "nothing linked yet" and "all linked".
                time.sleep(0.02 * turn)
            server.kill()
    with ServerProcess(tmp_path / "log", port, PROJECTIONS) as server:
        with EventStoreDBClient(server.uri) as client:
            until(lambda: names_in(client, "$ce-order"), len(written))
            assert names_in(client, "$ce-order") == written
            assert names_in(client, "$et-CoffeeOrdered") == written
        assert server.stop() == 0

"""The Operations service, asked as clients of other languages ask it."""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    NewEvent,
    RecordedEvent,
    StreamState,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.upkeep.operations_messages import (
    IN_PROGRESS,
    STARTED,
    STOPPED,
    ScavengeResp,
    StopScavengeReq,
)
from embedded_eventstore.upkeep.operations_service import OPERATIONS

ANY = StreamState.ANY
SECRET = b"Xylophanes Quetzalcoatl"


class Administrator:
    """Calls Operations of one server."""

    def __init__(self, server: ServerProcess) -> None:
        self.channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")

    def call(self, method: str, request: bytes = b"") -> bytes:
        path = f"/{OPERATIONS}/{method}"
        ask = self.channel.unary_unary(path, None, None)
        response: bytes = ask(request, timeout=10)
        return response

    def start_scavenge(self) -> tuple[str, int]:
        response = ScavengeResp.FromString(self.call("StartScavenge", b"\x0a\x02\x08\x01"))
        return response.scavenge_id, response.scavenge_result

    def stop_scavenge(self, scavenge_id: str) -> tuple[str, int]:
        request = StopScavengeReq()
        request.options.scavenge_id = scavenge_id
        response = ScavengeResp.FromString(self.call("StopScavenge", request.SerializeToString()))
        return response.scavenge_id, response.scavenge_result


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data") as running:
        yield running


@pytest.fixture
def client(server: ServerProcess) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(server.uri) as connected:
        yield connected


@pytest.fixture
def administrator(server: ServerProcess) -> Iterator[Administrator]:
    calling = Administrator(server)
    yield calling
    calling.channel.close()


def end_of(client: EventStoreDBClient, scavenge_id: str) -> dict[str, object]:
    """What the scavenge recorded when it ended."""
    with client.subscribe_to_stream("$scavenges", resolve_links=True, timeout=30) as notes:
        for note in notes:
            record: dict[str, object] = json.loads(note.data)
            if note.type == "$scavengeCompleted" and record["scavengeId"] == scavenge_id:
                return record
    raise AssertionError("the scavenge did not end")


def read_all(client: EventStoreDBClient) -> list[RecordedEvent]:
    return [event for event in client.read_all() if event.stream_name.startswith("s-")]


def test_a_scavenge_of_a_running_server_leaves_no_trace_of_what_is_deleted(
    client: EventStoreDBClient, administrator: Administrator, tmp_path: Path
) -> None:
    for number in range(40):
        events = [NewEvent(type="T", data=SECRET * size) for size in (1, 20, 900)]
        client.append_to_stream(f"s-{number}", current_version=ANY, events=events)
        client.append_to_stream(f"s-kept-{number}", current_version=ANY, events=given.events(2))
    for number in range(40):
        client.delete_stream(f"s-{number}", current_version=ANY)
    before = read_all(client)
    scavenge_id, result = administrator.start_scavenge()
    record = end_of(client, scavenge_id)

    assert result == STARTED
    assert (record["result"], record["eventsRemoved"]) == ("Success", 120)
    for path in (tmp_path / "data").iterdir():
        assert SECRET not in path.read_bytes(), path.name
    kept = [event for event in before if event.stream_name.startswith("s-kept")]
    assert read_all(client) == kept
    history = client.get_stream("$scavenges", resolve_links=True)
    assert [event.type for event in history] == ["$scavengeStarted", "$scavengeCompleted"]


def test_subscribers_pass_over_what_was_removed(
    client: EventStoreDBClient, administrator: Administrator
) -> None:
    client.append_to_stream("s-1", current_version=ANY, events=given.events(5))
    client.append_to_stream("s-2", current_version=ANY, events=given.events(2))
    old = read_all(client)[0].commit_position
    with client.subscribe_to_all(commit_position=old, timeout=30) as live:
        assert [next(live).stream_position for _ in range(6)] == [1, 2, 3, 4, 0, 1]
        client.delete_stream("s-1", current_version=4)
        end_of(client, administrator.start_scavenge()[0])
        client.append_to_stream("s-2", current_version=1, events=given.an_event())
        assert (next(live).stream_name, next(client.read_all()).stream_name) == ("s-2", "s-2")
    with client.subscribe_to_all(commit_position=old, timeout=30) as from_the_past:
        assert [next(from_the_past).stream_position for _ in range(3)] == [0, 1, 2]
    with client.subscribe_to_stream("s-1", stream_position=1, timeout=30) as of_the_stream:
        client.append_to_stream("s-1", current_version=4, events=given.an_event())
        assert next(of_the_stream).stream_position == 5


def test_appends_go_on_while_a_scavenge_goes_on(
    client: EventStoreDBClient, administrator: Administrator
) -> None:
    for number in range(30):
        batch = [NewEvent(type="T", data=b"x" * 900) for _ in range(500)]
        client.append_to_stream(f"s-{number}", current_version=ANY, events=batch)
        client.delete_stream(f"s-{number}", current_version=ANY)
    ended = threading.Event()
    appended = 0
    scavenge_id, _ = administrator.start_scavenge()

    def wait() -> None:
        end_of(client, scavenge_id)
        ended.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not ended.is_set():
        client.append_to_stream("s-live", current_version=ANY, events=given.an_event())
        appended += 1
    waiting.join()

    assert appended > 5
    assert [event.stream_name for event in read_all(client)] == ["s-live"] * appended


def test_one_scavenge_runs_at_a_time_and_can_be_stopped(
    client: EventStoreDBClient, administrator: Administrator
) -> None:
    for number in range(20):
        batch = [NewEvent(type="T", data=b"x" * 900) for _ in range(1000)]
        client.append_to_stream(f"s-{number}", current_version=ANY, events=batch)
        client.delete_stream(f"s-{number}", current_version=ANY)
    first, _ = administrator.start_scavenge()
    again = administrator.start_scavenge()
    stopped = administrator.stop_scavenge(first)
    record = end_of(client, first)

    assert again == (first, IN_PROGRESS)
    assert stopped == (first, STOPPED)
    assert record["result"] == "Stopped"
    assert len(read_all(client)) > 0

    second, result = administrator.start_scavenge()
    assert (second != first, result) == (True, STARTED)
    assert end_of(client, second)["result"] == "Success"
    assert read_all(client) == []


def test_a_scavenge_that_does_not_run_cannot_be_stopped(administrator: Administrator) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        administrator.stop_scavenge("not-running")

    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    trailers = given.trailers_of(refused.value)
    assert trailers["exception"] == "scavenge-not-found"
    assert trailers["scavenge-id"] == "not-running"


def test_a_server_stops_in_the_middle_of_a_scavenge_and_goes_on_later(tmp_path: Path) -> None:
    data = tmp_path / "other"
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        for number in range(20):
            batch = [NewEvent(type="T", data=b"x" * 900) for _ in range(1000)]
            client.append_to_stream(f"s-{number}", current_version=ANY, events=batch)
            client.delete_stream(f"s-{number}", current_version=ANY)
        Administrator(server).start_scavenge()
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 10
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        end_of(client, Administrator(server).start_scavenge()[0])
        assert read_all(client) == []


def test_the_server_shuts_down_on_request(
    server: ServerProcess, administrator: Administrator
) -> None:
    for harmless in ("MergeIndexes", "ResignNode", "SetNodePriority"):
        assert administrator.call(harmless) == b""
    assert administrator.call("Shutdown") == b""
    assert server.process.wait(20) == 0


def test_the_groups_can_be_restarted(
    client: EventStoreDBClient, administrator: Administrator
) -> None:
    client.create_subscription_to_stream("bar", "s-1")
    consumer = client.read_subscription_to_stream("bar", "s-1")

    assert administrator.call("RestartPersistentSubscriptions") == b""

    with pytest.raises(EventStoreDBClientException, match="was dropped"):
        next(consumer)
    client.append_to_stream("s-1", current_version=ANY, events=given.an_event())
    with client.read_subscription_to_stream("bar", "s-1") as again:
        assert next(again).stream_position == 0


def test_only_operators_and_administrators_may_operate(tmp_path: Path) -> None:
    codes = {}
    data = given.accounts_with(tmp_path / "closed", operator=["$ops"])
    with ServerProcess(data, closed=True) as server:
        accounts = json.loads((data / "accounts.json").read_text())
        trusted = grpc.ssl_channel_credentials((server.data / "ca.crt").read_bytes())
        with grpc.secure_channel(f"localhost:{server.port}", trusted) as channel:
            ask = channel.unary_unary(f"/{OPERATIONS}/MergeIndexes", None, None)
            for name in accounts:
                secret = b64encode(f"{name}:{accounts[name]['password']}".encode()).decode()
                codes[name] = ask.future(
                    b"", metadata=(("authorization", f"Basic {secret}"),), timeout=10
                ).code()
            codes["nobody"] = ask.future(b"", timeout=10).code()
    assert codes == {
        "admin": grpc.StatusCode.OK,
        "application": grpc.StatusCode.PERMISSION_DENIED,
        "operator": grpc.StatusCode.OK,
        "nobody": grpc.StatusCode.UNAUTHENTICATED,
    }


def test_other_operations_are_not_implemented(administrator: Administrator) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        administrator.call("ReloadConfig")
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED

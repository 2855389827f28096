"""Writers go on while the server is killed under them: nothing acknowledged is lost or doubled."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    NewEvent,
    RecordedEvent,
    StreamState,
)
from embedded_eventstore.tests.server_process import ServerProcess, free_port

WRITERS = 16
SERVER_LIVES = (0.05, 0.35)
"""Seconds, at least and at most, from the moment a server listens until it is killed."""


class InsistentWriter(threading.Thread):
    """Appends event after event, and each of them again and again until it is acknowledged."""

    def __init__(self, uri: str, stream: str, version: StreamState | None) -> None:
        super().__init__()
        self._uri, self._stream, self._version = uri, stream, version
        self.acknowledged: list[NewEvent] = []
        self.finished = threading.Event()

    def run(self) -> None:
        with EventStoreDBClient(self._uri) as client:
            while not self.finished.is_set():
                event = NewEvent(type="T", data=b"{}")
                self._insist(client, event)
                self.acknowledged.append(event)

    def _insist(self, client: EventStoreDBClient, event: NewEvent) -> None:
        last = len(self.acknowledged) - 1
        revision = StreamState.NO_STREAM if last < 0 else last
        version = revision if self._version is None else self._version
        while True:
            try:
                client.append_to_stream(
                    self._stream,
                    current_version=version,
                    events=[event] if last % 2 else event,
                    timeout=1,
                )
            except (EventStoreDBClientException, ValueError):
                # ValueError: the client's channel was closed under it.
                time.sleep(0.02)
            else:
                return


def storm(data: Path, kills: int, seed: int) -> tuple[list[InsistentWriter], list[RecordedEvent]]:
    """Kill the server ``kills`` times while writers write; what they know, and what there is."""
    port, chance = free_port(), random.Random(seed)
    uri = f"esdb://127.0.0.1:{port}?Tls=false"
    writers = [
        InsistentWriter(uri, f"storm-{n}", StreamState.ANY if n % 3 == 0 else None)
        for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for _ in range(kills):
        with ServerProcess(data, port) as server:
            time.sleep(chance.uniform(*SERVER_LIVES))
            server.kill()
    with ServerProcess(data, port) as server:
        time.sleep(0.3)
        for writer in writers:
            writer.finished.set()
        for writer in writers:
            writer.join()
        with EventStoreDBClient(server.uri) as client:
            log = list(client.read_all(filter_exclude=()))
            assert followed(client) == [event.commit_position for event in log]
    return writers, log


def followed(client: EventStoreDBClient) -> list[int | None]:
    """What a fresh subscription sees."""

    def positions() -> Iterator[int | None]:
        with client.subscribe_to_all(filter_exclude=(), include_caught_up=True) as subscription:
            for event in subscription:
                if event.is_caught_up:
                    return
                yield event.commit_position

    return list(positions())


def check(writers: list[InsistentWriter], log: list[RecordedEvent]) -> None:
    times_recorded = Counter(event.id for event in log)
    acknowledged = [event.id for writer in writers for event in writer.acknowledged]
    assert [event for event in acknowledged if times_recorded[event] != 1] == []
    assert all(earlier < later for earlier, later in pairwise(e.commit_position or 0 for e in log))
    for writer in writers:
        stream = [event for event in log if event.stream_name == writer._stream]
        assert [event.id for event in stream] == [event.id for event in writer.acknowledged]
        assert [event.stream_position for event in stream] == list(range(len(stream)))


def test_a_few_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    writers, log = storm(tmp_path / "log", kills=4, seed=1)

    assert all(writer.acknowledged for writer in writers)
    check(writers, log)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    writers, log = storm(tmp_path / "log", kills=100, seed=2)
    check(writers, log)

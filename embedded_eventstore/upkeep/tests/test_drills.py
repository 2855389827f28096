"""Drills: take a backup while writers write, restore it, and compare every event."""

import threading
import time
from pathlib import Path
from uuid import UUID

import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    NewEvent,
    StreamState,
    streams_pb2,
)
from embedded_eventstore.storage.operations import Record
from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.upkeep.backup import back_up, restore
from embedded_eventstore.upkeep.tests import given

WRITERS = 4
MORE = 50
"""Events between two backups, at least."""


class Writing:
    """Writers that go on until the end of the block. ``acknowledged`` grows meanwhile."""

    def __init__(self, uri: str) -> None:
        self.acknowledged: list[UUID] = []
        self._uri, self._done = uri, threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(f"s-{number}",)) for number in range(WRITERS)
        ]

    def __enter__(self) -> "Writing":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self) -> list[UUID]:
        """Some more acknowledged events than now: all of them."""
        enough = len(self.acknowledged) + MORE
        while len(self.acknowledged) < enough:
            time.sleep(0.005)
        return list(self.acknowledged)

    def _write(self, stream: str) -> None:
        with EventStoreDBClient(self._uri) as client:
            while not self._done.is_set():
                events = [NewEvent(type="T", data=b"x" * size) for size in (20, 700, 6000)]
                client.append_to_stream(stream, current_version=StreamState.ANY, events=events)
                self.acknowledged += [event.id for event in events]


def differing_events(directory: Path, drills: int) -> int:
    """Events lost, added or changed in any of so many backups, and acknowledged ones left out."""
    data = directory / "data"
    with ServerProcess(data) as server:
        with Writing(server.uri) as writing:
            found = []
            for number in range(drills):
                acknowledged = writing.wait_for_more()
                made, report = back_up(data, directory / f"{number}.db")
                found.append((made, report, acknowledged))
        whole = given.everything(data)
        assert server.stop() == 0

    differing = 0
    for number, (made, report, acknowledged) in enumerate(found):
        home = directory / f"home-{number}"
        assert restore(made, home) == report
        restored = given.everything(home)
        prefix = whole[: len(restored)]
        differing += sum(one != other for one, other in zip(restored, prefix, strict=True))
        differing += len(set(acknowledged) - {event_id(record) for record in restored})
    return differing


def event_id(record: Record) -> UUID:
    return UUID(streams_pb2.ReadResp.FromString(record.response).event.event.id.string)


@pytest.mark.slow
def test_twenty_backups_under_way_are_restored_to_the_last_event(tmp_path: Path) -> None:
    assert differing_events(tmp_path, drills=20) == 0

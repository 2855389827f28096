"""What clients see when the disk is full or broken."""

import threading
from pathlib import Path

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    GrpcError,
    NewEvent,
    ServiceUnavailable,
    StreamState,
)
from embedded_eventstore.tests import full_disks, given
from embedded_eventstore.tests.server_process import ServerProcess

ANY = StreamState.ANY

FULL_AFTER_A_MEBIBYTE = """
import sys
from pathlib import Path
from embedded_eventstore import __main__
from embedded_eventstore.storage import log

class SmallDisk(log.Log):
    def begin(self):
        grown = Path(sys.argv[2], "more-space").exists()
        self._connection.execute(f"PRAGMA max_page_count = {100_000 if grown else 300}")
        super().begin()

__main__.Node.__init__.__globals__["Log"] = SmallDisk
sys.exit(__main__.main())
"""

BROKEN_AT_THE_THIRD_COMMIT = """
import sqlite3, sys
from embedded_eventstore import __main__
from embedded_eventstore.storage import log

class BrokenDisk(log.Log):
    commits = 0
    def commit(self):
        BrokenDisk.commits += 1
        if BrokenDisk.commits == 3:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return super().commit()

__main__.Node.__init__.__globals__["Log"] = BrokenDisk
sys.exit(__main__.main())
"""


def append_until_refused(client: EventStoreDBClient, in_batch: bool) -> None:
    for _ in range(10):
        event = NewEvent(type="T", data=b"x" * 400_000)
        client.append_to_stream("s-1", current_version=ANY, events=[event] if in_batch else event)


@pytest.mark.parametrize("in_batch", [False, True], ids=["append", "batch append"])
def test_a_full_disk_is_said_to_be_full_and_nothing_else_stops(
    tmp_path: Path, in_batch: bool
) -> None:
    data = tmp_path / "log"
    with (
        ServerProcess(data, python=("-c", FULL_AFTER_A_MEBIBYTE)) as server,
        EventStoreDBClient(server.uri) as client,
    ):
        large = NewEvent(type="T", data=b"x" * 400_000)
        with pytest.raises(GrpcError) as refused:
            append_until_refused(client, in_batch)
        error = given.call_behind(refused.value)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "disk of the event store is full" in error.details()

        written = len(client.get_stream("s-1"))
        assert written > 0
        (data / "more-space").touch()
        client.append_to_stream("s-1", current_version=written - 1, events=large)
        assert server.stop() == 0


def test_a_broken_disk_stops_the_server_and_a_restart_has_every_acknowledged_event(
    tmp_path: Path,
) -> None:
    data = tmp_path / "log"
    with (
        ServerProcess(data, python=("-c", BROKEN_AT_THE_THIRD_COMMIT)) as server,
        EventStoreDBClient(server.uri) as client,
    ):
        client.append_to_stream("s-1", current_version=ANY, events=given.an_event())
        with pytest.raises((ServiceUnavailable, GrpcError)):
            client.append_to_stream("s-1", current_version=ANY, events=given.an_event())
        assert server.process.wait(20) == 75
        assert server.process.stderr is not None
        assert "cannot be written" in server.process.stderr.read()

    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        assert client.get_current_version("s-1") == 0


@pytest.mark.parametrize(
    "times", [5, pytest.param(50, marks=pytest.mark.slow)], ids=["a few times", "50 times"]
)
@pytest.mark.parametrize("kind", full_disks.kinds())
def test_a_disk_may_fill_up_often(tmp_path: Path, kind: type[full_disks.Disk], times: int) -> None:
    with full_disks.running(kind, tmp_path) as (disk, client):
        assert full_disks.fill_up(disk, client, times) > times


BROKEN_SYNC = """
import sqlite3, sys
from embedded_eventstore import __main__
from embedded_eventstore.storage import log

class BrokenDisk(log.Log):
    failed = False
    def begin(self):
        if BrokenDisk.failed:
            sys.stderr.write("used after it failed")
        super().begin()
    def commit(self):
        records = super().commit()
        if any(record.stream == "fails" for record in records):
            BrokenDisk.failed = True
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return records

__main__.Node.__init__.__globals__["Log"] = BrokenDisk
sys.exit(__main__.main())
"""


def test_after_a_failed_sync_nothing_at_all_is_acknowledged(tmp_path: Path) -> None:
    """Also not what was written beside it, or waited behind it."""
    data = tmp_path / "log"
    with ServerProcess(data, python=("-c", BROKEN_SYNC)) as server:
        acknowledged: list[str] = []
        failed = threading.Event()

        def append(stream: str) -> None:
            with EventStoreDBClient(server.uri) as client:
                try:
                    client.append_to_stream(stream, current_version=ANY, events=given.an_event())
                    acknowledged.append(stream)
                except (ServiceUnavailable, GrpcError):
                    failed.set()

        writers = [threading.Thread(target=append, args=(s,)) for s in ("fails", "s-1", "s-2")]
        writers[0].start()
        assert failed.wait(20)
        for writer in writers[1:]:
            writer.start()
        for writer in writers:
            writer.join()
        assert server.process.wait(20) == 75
        assert acknowledged == []
        assert server.process.stderr is not None
        assert "used after it failed" not in server.process.stderr.read()

    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        client.append_to_stream("s-1", current_version=ANY, events=given.an_event())

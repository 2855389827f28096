"""Disks that fill up, and a server that has to live on them.

Where the system lets us mount one, a small disk in memory is filled to its last byte; everywhere
the log's file can be kept from growing.
"""

import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import grpc

from embedded_eventstore.client_library import EventStoreDBClient, GrpcError, NewEvent, StreamState
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess

DISK_BYTES = 16 * 1024 * 1024
EVENT_BYTES = 20_000

_MOUNT = ("unshare", "--user", "--map-root-user", "--mount")

GROWS_WHILE_ALLOWED = """
import sys
from pathlib import Path
from embedded_eventstore import __main__
from embedded_eventstore.storage import log

class SmallDisk(log.Log):
    def begin(self):
        full = Path(sys.argv[2], "full").exists()
        self._connection.execute(f"PRAGMA max_page_count = {1 if full else 100_000}")
        super().begin()

__main__.Node.__init__.__globals__["Log"] = SmallDisk
sys.exit(__main__.main())
"""


class Disk(Protocol):
    """Where a server keeps its log."""

    server: ServerProcess

    def fill(self, chance: random.Random) -> None: ...

    def make_space(self) -> None: ...


class LimitedFile:
    """SQLite says that the disk is full."""

    def __init__(self, directory: Path) -> None:
        self._data = directory / "data"
        self.server = ServerProcess(self._data, python=("-c", GROWS_WHILE_ALLOWED))

    def fill(self, chance: random.Random) -> None:
        (self._data / "full").touch()

    def make_space(self) -> None:
        (self._data / "full").unlink()


class MemoryDisk:
    """The operating system says so: a disk of its own, with nothing or very little left."""

    def __init__(self, directory: Path) -> None:
        place = directory / "disk"
        place.mkdir()
        mount = f'mount -t tmpfs -o size={DISK_BYTES} none "{place}" && exec "$@"'
        self.server = ServerProcess(place / "data", under=(*_MOUNT, "sh", "-c", mount, "sh"))
        self._filler = Path(f"/proc/{self.server.process.pid}/root{place}/filler")

    def fill(self, chance: random.Random) -> None:
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                filler.truncate(max(0, filler.tell() - 4096 * chance.choice((0, 1, 5, 20))))

    def make_space(self) -> None:
        self._filler.unlink()


def kinds() -> list[type[Disk]]:
    """The disks that can be had here."""
    if shutil.which("unshare") is None:
        return [LimitedFile]
    attempt = (*_MOUNT, "sh", "-c", "mount -t tmpfs none /mnt")
    can_mount = subprocess.run(attempt, capture_output=True, check=False).returncode == 0
    return [LimitedFile, MemoryDisk] if can_mount else [LimitedFile]


@contextmanager
def running(kind: type[Disk], directory: Path) -> Iterator[tuple[Disk, EventStoreDBClient]]:
    disk = kind(directory)  # type: ignore[call-arg]
    with disk.server as server, EventStoreDBClient(server.uri) as client:
        yield disk, client
        assert server.stop() == 0


def fill_up(disk: Disk, client: EventStoreDBClient, times: int) -> int:
    """Fill the disk again and again; how many events were acknowledged, all of them there."""
    chance = random.Random(times)
    acknowledged = [_append(client)]
    for _ in range(times):
        disk.fill(chance)
        for _ in range(200):
            try:
                acknowledged.append(_append(client))
            except GrpcError as refusal:
                _check(refusal)
                break
        else:
            raise AssertionError("the disk was never full")
        assert [event.id for event in client.get_stream("s-1")] == acknowledged
        disk.make_space()
        acknowledged.append(_append(client))
    assert [event.id for event in client.get_stream("s-1")] == acknowledged
    return len(acknowledged)


def _append(client: EventStoreDBClient) -> object:
    event = NewEvent(type="T", data=b"x" * EVENT_BYTES)
    client.append_to_stream("s-1", current_version=StreamState.ANY, events=event)
    return event.id


def _check(refusal: GrpcError) -> None:
    error = given.call_behind(refusal)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "disk of the event store is full" in error.details()

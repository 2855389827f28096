"""What a power cut can leave of the write-ahead log: cut anywhere, followed by anything.

Whatever had reached the disk when an append was acknowledged is kept; behind it the file may end,
or go on with zeros, garbage or old bytes. Every acknowledged event must be there afterwards.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from embedded_eventstore.storage import schema
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import ANY, Append
from embedded_eventstore.tests import given
from embedded_eventstore.upkeep.verification import verify

APPENDS = 60
FULL = 2
"""SQLite's level of synchronous at which it syncs each commit."""
WAL_NAME = f"{schema.FILE_NAME}-wal"


@dataclass(frozen=True)
class Recording:
    """A log as it was written: the files, and how far each append's sync had got."""

    main_file: bytes
    wal: bytes
    synced: list[int]


class SyncsNothing(Log):
    """Leaves it to the system when to write: acknowledged, but not on the disk."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.connection.execute("PRAGMA synchronous = OFF")


def record(
    directory: Path, kind: type[Log] = Log, *, acknowledge_before_commit: bool = False
) -> Recording:
    """Append some events; note the bytes of the write-ahead log on disk at each acknowledgement."""
    directory.mkdir()
    log = kind(directory)
    log.checkpoint()
    syncs_commits = log.connection.execute("PRAGMA synchronous").fetchone()[0] >= FULL
    wal, synced = directory / WAL_NAME, []
    chance = random.Random(7)
    for number in range(APPENDS):
        data = b"x" * chance.choice((20, 300, 6000))
        events = tuple(given.proposed(data=data) for _ in range(chance.randint(1, 3)))
        before = wal.stat().st_size if wal.exists() else 0
        log.begin()
        log.execute(Append(f"s-{number % 5}", ANY, events))
        log.commit()
        written = before if acknowledge_before_commit else wal.stat().st_size
        synced.append(written if syncs_commits else 0)
    image = Recording((directory / schema.FILE_NAME).read_bytes(), wal.read_bytes(), synced)
    log.close()
    return image


def end(kept: bytes, lost: bytes, chance: random.Random) -> bytes:
    return kept


def zeros(kept: bytes, lost: bytes, chance: random.Random) -> bytes:
    return kept + bytes(len(lost))


def garbage(kept: bytes, lost: bytes, chance: random.Random) -> bytes:
    return kept + chance.randbytes(len(lost))


def flipped_bits(kept: bytes, lost: bytes, chance: random.Random) -> bytes:
    rest = bytearray(lost)
    for _ in range(min(3, len(rest))):
        rest[chance.randrange(len(rest))] ^= 1 << chance.randrange(8)
    return kept + bytes(rest)


def later_pages_first(kept: bytes, lost: bytes, chance: random.Random) -> bytes:
    """The disk wrote some later sectors before earlier ones."""
    rest = bytearray(lost)
    for start in range(0, len(rest), 512):
        if chance.random() < 0.3:
            rest[start : start + 512] = bytes(len(rest[start : start + 512]))
    return kept + bytes(rest)


TEARS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    end,
    zeros,
    garbage,
    flipped_bits,
    later_pages_first,
)


def missing_after_power_cut(recording: Recording, scratch: Path, seed: int) -> int:
    """Tear the log somewhere, open it, and count acknowledged appends that are not there."""
    chance = random.Random(seed)
    # Any moment after the first acknowledgement; what was not synced by then may not be there.
    acknowledged = chance.randrange(1, APPENDS + 1)
    cut = chance.randrange(recording.synced[acknowledged - 1], len(recording.wal) + 1)
    acknowledged = max(acknowledged, sum(0 < size <= cut for size in recording.synced))
    tear = chance.choice(TEARS)
    scratch.mkdir()
    (scratch / schema.FILE_NAME).write_bytes(recording.main_file)
    torn = tear(recording.wal[:cut], recording.wal[cut:], chance)
    (scratch / WAL_NAME).write_bytes(torn)

    log, reader = Log(scratch), LogReader(scratch)
    records = reader.all_forwards(0, 10_000).records
    assert [record.position for record in records] == list(range(len(records)))
    for stream in {record.stream for record in records}:
        revisions = [record.revision for record in records if record.stream == stream]
        assert revisions == list(range(len(revisions)))
    # It can be written to again.
    log.begin()
    log.execute(Append("after", ANY, (given.proposed(),)))
    log.commit()
    reader.close()
    log.close()
    assert verify(scratch / schema.FILE_NAME).problems == ()
    shutil.rmtree(scratch)
    return max(0, acknowledged - appends_in(len(records)))


def appends_in(events: int) -> int:
    """How many of the recorded appends are complete in a log of so many events."""
    chance = random.Random(7)
    left = events - 2  # the system events a log begins with
    for number in range(APPENDS):
        chance.choice((20, 300, 6000))
        left -= chance.randint(1, 3)
        if left < 0:
            return number
    return APPENDS


def lost(recording: Recording, scratch: Path, images: int) -> int:
    return sum(missing_after_power_cut(recording, scratch, seed) for seed in range(images))


@contextmanager
def quick_scratch() -> Iterator[Path]:
    """A place in memory, if there is one: the tearing is done by us, not by the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a directory of its own is made in it
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        yield Path(directory) / "torn"


@pytest.mark.slow
def test_no_torn_log_loses_an_acknowledged_event(tmp_path: Path) -> None:
    assert lost(record(tmp_path / "whole"), tmp_path / "torn", images=300) == 0


@pytest.mark.parametrize(
    ("kind", "early"), [(Log, True), (SyncsNothing, False)], ids=["acknowledges early", "no sync"]
)
def test_a_careless_log_would_be_caught(tmp_path: Path, kind: type[Log], early: bool) -> None:
    """The negative controls: this harness is not blind."""
    careless = record(tmp_path / "whole", kind, acknowledge_before_commit=early)
    assert lost(careless, tmp_path / "torn", images=60) > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_torn_log_of_thousands_loses_an_acknowledged_event(tmp_path: Path) -> None:
    with quick_scratch() as scratch:
        assert lost(record(tmp_path / "whole"), scratch, images=2000) == 0

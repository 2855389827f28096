"""``python -m embedded_eventstore.tests.durability``: every promise of durability, many times over.

The normal tests do the same in small numbers. Prints a table; ends with 1 if anything was wrong.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from embedded_eventstore.tests import full_disks, test_killing, test_torn_log
from embedded_eventstore.upkeep.tests import test_drills
from embedded_eventstore.upkeep.verification import verify

KILLS_OF_ONE_LOG = 100

Check = Callable[[Path], str]
"""Does its work in an empty directory; what it saw. AssertionError says what is wrong."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torn", type=int, default=10_000, help="images of power cuts")
    parser.add_argument("--kills", type=int, default=1000, help="of the server, under 16 writers")
    parser.add_argument("--full", type=int, default=50, help="times the disk is full")
    parser.add_argument("--drills", type=int, default=20, help="backups taken and restored")
    options = parser.parse_args()
    checks: list[tuple[str, int, Check]] = [
        ("torn logs", options.torn, lambda at: _torn(at, options.torn)),
        ("torn logs that were never synced (control)", 100, _control),
        *(
            (
                f"full disk ({kind.__name__})",
                options.full,
                lambda at, kind=kind: _full(at, kind, options.full),
            )
            for kind in full_disks.kinds()
        ),
        ("backup and restore drills", options.drills, lambda at: _drills(at, options.drills)),
        ("kills", options.kills, lambda at: _kills(at, options.kills)),
    ]
    return max([_row(*check) for check in checks])


def _row(what: str, count: int, check: Check) -> int:
    started = time.monotonic()
    with TemporaryDirectory() as directory:
        try:
            seen, failed = check(Path(directory)), 0
        except AssertionError as error:
            seen, failed = f"FAILED: {error}", 1
    sys.stdout.write(f"{what:44}{count:8}  {time.monotonic() - started:6.0f} s  {seen}\n")
    sys.stdout.flush()
    return failed


def _torn(directory: Path, images: int) -> str:
    recording = test_torn_log.record(directory / "whole")
    with test_torn_log.quick_scratch() as scratch:
        lost = test_torn_log.lost(recording, scratch, images)
    assert lost == 0, f"{lost} acknowledged appends lost"
    return "0 acknowledged appends lost, prefix contiguous, checksums right"


def _control(directory: Path) -> str:
    recording = test_torn_log.record(directory / "whole", test_torn_log.SyncsNothing)
    with test_torn_log.quick_scratch() as scratch:
        lost = test_torn_log.lost(recording, scratch, 100)
    assert lost > 0, "the harness is blind"
    return f"{lost} acknowledged appends lost, as they must be"


def _full(directory: Path, kind: type[full_disks.Disk], times: int) -> str:
    with full_disks.running(kind, directory) as (disk, client):
        events = full_disks.fill_up(disk, client, times)
    return f"refused each time, went on each time, {events} of {events} events there"


def _drills(directory: Path, drills: int) -> str:
    differing = test_drills.differing_events(directory, drills)
    assert differing == 0, f"{differing} events differ"
    return "0 differing events"


def _kills(directory: Path, kills: int) -> str:
    acknowledged = 0
    for begun in range(0, kills, KILLS_OF_ONE_LOG):
        data = directory / f"log-{begun}"
        number = min(KILLS_OF_ONE_LOG, kills - begun)
        writers, log = test_killing.storm(data, number, seed=begun)
        test_killing.check(writers, log)
        problems = verify(data / "events.db").problems
        assert problems == (), problems
        acknowledged += sum(len(writer.acknowledged) for writer in writers)
    return f"{acknowledged} events acknowledged, 0 lost, 0 doubled, subscription sees the log"


if __name__ == "__main__":
    sys.exit(main())

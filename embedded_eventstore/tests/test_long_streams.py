"""What an append costs does not depend on how much is there."""

from pathlib import Path

import pytest

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.operations import ANY, NO_STREAM, STREAM_EXISTS, Append
from embedded_eventstore.tests import given


def steps_of_an_append(log: Log, stream: str, expected: int) -> int:
    """How many hundreds of SQLite's steps an append takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    log._connection.set_progress_handler(count, 100)
    log.begin()
    log.execute(Append(stream, expected, (given.proposed(),)))
    log.commit()
    log._connection.set_progress_handler(None, 0)
    return steps


@pytest.mark.parametrize("expected", [ANY, STREAM_EXISTS, 2999])
def test_an_append_to_a_long_stream_takes_no_more_than_to_a_short_one(
    tmp_path: Path, expected: int
) -> None:
    log = Log(tmp_path)
    log.begin()
    log.execute(Append("long", NO_STREAM, tuple(given.proposed() for _ in range(3000))))
    log.execute(Append("short", NO_STREAM, (given.proposed(),)))
    log.commit()

    short = steps_of_an_append(log, "short", min(expected, 0))
    long = steps_of_an_append(log, "long", expected)
    log.close()

    assert long <= short + 2

"""The log does what a small model of it in memory does, whatever the order of operations."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader, StreamTombstonedError
from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    TOMBSTONE,
    Append,
    Delete,
    Operation,
    ProposedEvent,
    Tombstone,
)
from embedded_eventstore.tests.model import ModelStream

STREAMS = ("order-1", "order-2")
IDS = tuple(bytes([number]) * 16 for number in range(1, 6))

expectations = st.sampled_from((ANY, NO_STREAM, STREAM_EXISTS, 0, 1, 2))
batches = st.lists(st.sampled_from(IDS), min_size=1, max_size=3)
operations: st.SearchStrategy[Operation] = st.one_of(
    st.builds(
        lambda stream, expected, ids: Append(stream, expected, tuple(map(an_event, ids))),
        st.sampled_from(STREAMS),
        expectations,
        batches,
    ),
    st.builds(Delete, st.sampled_from(STREAMS), expectations),
    st.builds(Tombstone, st.sampled_from(STREAMS), st.sampled_from((STREAM_EXISTS, 2))),
)


def an_event(event_id: bytes) -> ProposedEvent:
    return ProposedEvent(event_id, "T", True, b"", b"{}")


@contextmanager
def a_log() -> Iterator[tuple[Log, LogReader]]:
    with tempfile.TemporaryDirectory() as directory:
        log, reader = Log(Path(directory)), LogReader(Path(directory))
        yield log, reader
        reader.close()
        log.close()


def read_back(reader: LogReader, name: str) -> list[int] | str:
    try:
        page = reader.stream_forwards(name, 0, 100)
    except StreamTombstonedError:
        return "tombstoned"
    return "not found" if page is None else [record.revision for record in page.records]


@settings(max_examples=150, deadline=None)
@given(st.lists(operations, max_size=14), st.lists(st.booleans(), min_size=14, max_size=14))
def test_every_response_and_every_read_is_as_the_model_says(
    asked: list[Operation], kept: list[bool]
) -> None:
    """Now and then a transaction is rolled back instead, and must leave no trace."""
    with a_log() as (log, reader):
        model = {name: ModelStream() for name in STREAMS}
        published = reader.all_forwards(0, 100).records
        for operation, is_kept in zip(asked, kept, strict=False):
            log.begin()
            if not is_kept:
                log.execute(operation)
                log.roll_back()
                continue
            outcome = log.execute(operation)
            published += log.commit()
            assert type(outcome) is model[operation.stream].take(operation), operation

        assert {name: read_back(reader, name) for name in STREAMS} == {
            name: stream.readable() for name, stream in model.items()
        }
        everything = reader.all_forwards(0, 1000).records
        assert everything == published
        assert [record.position for record in everything] == list(range(len(everything)))
        for name, stream in model.items():
            revisions = [record.revision for record in everything if record.stream == name]
            assert revisions == list(range(len(stream.ids))) + [TOMBSTONE] * stream.tombstoned

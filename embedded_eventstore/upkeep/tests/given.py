"""Logs to keep up: some events of each kind, and what is to be found in them."""

from collections.abc import Iterable
from pathlib import Path

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import MAX_PAGE_ROWS, LogReader
from embedded_eventstore.storage.operations import (
    ANY,
    Append,
    Operation,
    Outcome,
    ProposedEvent,
    Record,
)
from embedded_eventstore.storage.stream_metadata import metastream_of
from embedded_eventstore.tests import given


def write(log: Log, *operations: Operation) -> list[Outcome]:
    """Each in a transaction of its own."""
    outcomes = []
    for operation in operations:
        log.begin()
        outcomes.append(log.execute(operation))
        log.commit()
    return outcomes


def append(stream: str, *data: bytes) -> Append:
    return Append(stream, ANY, tuple(given.proposed(data=each) for each in data))


def metadata(stream: str, raw: bytes) -> Append:
    event = ProposedEvent(given.proposed().event_id, "$metadata", True, b"", raw)
    return Append(metastream_of(stream), ANY, (event,))


def a_log(directory: Path, *operations: Operation) -> None:
    """A closed log."""
    log = Log(directory)
    write(log, *operations)
    log.close()


def everything(directory: Path) -> list[Record]:
    """All events of a log, also of one that a server has open."""
    reader = LogReader(directory)
    records: list[Record] = []
    cursor: int | None = 0
    while cursor is not None:
        page = reader.all_forwards(cursor, MAX_PAGE_ROWS)
        records += page.records
        cursor = page.next
    reader.close()
    return records


def positions(records: Iterable[Record]) -> list[int]:
    return [record.position for record in records]

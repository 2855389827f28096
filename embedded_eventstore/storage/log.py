"""The writing side of the log: operations become rows, inside a transaction the caller commits.

Not thread-safe: it belongs to the writer thread and to the one connection that writes. It knows
nothing of gRPC, of waiting callers, or of subscribers.
"""

import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from embedded_eventstore.storage import recorded_event, schema, stream_metadata
from embedded_eventstore.storage.chain import Chain
from embedded_eventstore.storage.expected_version import (
    Accepted,
    Gone,
    StreamFacts,
    WrittenBefore,
    Wrong,
    judge,
)
from embedded_eventstore.storage.log_tables import LogTables
from embedded_eventstore.storage.operations import (
    ANY,
    TOMBSTONE,
    Append,
    Delete,
    Operation,
    Outcome,
    ProposedEvent,
    Record,
    StreamIsGone,
    Together,
    Tombstone,
    Transaction,
    Written,
    WrongVersion,
)

_FIRST_EVENTS = (
    ("$$$stats", b'{"$maxAge":86400}'),
    ("$$$scavenges", b'{"$maxAge":2592000}'),
)
"""A fresh log holds some system events, so that no user event is at position 0."""

_INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class Log:
    """The log, open for writing."""

    def __init__(self, directory: Path, clock: Callable[[], int] = time.time_ns) -> None:
        """Open the log in ``directory``, creating it first if need be.

        ``clock`` says when an event is recorded, in nanoseconds since 1970. Raises
        schema.UnusableStoreError.
        """
        self._clock = clock
        self._connection = schema.open_for_writing(directory)
        self._tables = LogTables(self._connection)
        self._records: list[Record] = []
        self._chain = Chain(self._connection, self.instance_id)
        self._next_position = self._chain.last_position + 1
        if self._next_position == 0:
            self.begin()
            for metastream, metadata in _FIRST_EVENTS:
                self.execute(Append(metastream, ANY, (_metadata_event(metadata),)))
            self.commit()

    @property
    def last_position(self) -> int:
        return self._next_position - 1

    @property
    def connection(self) -> sqlite3.Connection:
        """The one that writes, for the log's upkeep between two transactions."""
        return self._connection

    @property
    def instance_id(self) -> str:
        """The name of this log, given when it was created."""
        return str(self._connection.execute("SELECT instance_id FROM identity").fetchone()[0])

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> list[Record]:
        """Make everything since ``begin`` durable and return it, in order."""
        growth = self._chain.grow((record.position, record.response) for record in self._records)
        self._connection.execute("COMMIT")
        self._chain.keep(growth)
        records, self._records = self._records, []
        return records

    def roll_back(self) -> None:
        """Forget everything since ``begin``."""
        # After some errors SQLite has already rolled back by itself.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._next_position -= len(self._records)
        self._records = []

    def checkpoint(self) -> None:
        """Move what is in the write-ahead log into the main file, as far as readers allow."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def empty_write_ahead_log(self) -> bool:
        """Move all of it into the main file and cut it to nothing; False while readers prevent it.

        Afterwards no file holds what a scavenge removed.
        """
        # Appends wait meanwhile, so a long reader, a backup perhaps, is not waited for here.
        self._connection.execute("PRAGMA busy_timeout = 200")
        row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(row[0] == 0)

    def close(self) -> None:
        """Empty the write-ahead log and close. Every reader must be closed before."""
        try:
            self.empty_write_ahead_log()
        except sqlite3.OperationalError as error:
            # No space to tidy up: the next start reads the write-ahead log instead.
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
        self._connection.close()

    def carry_out(self, transaction: Transaction) -> Outcome:
        """Carry out what the caller will commit at once; the outcome is that of the last step."""
        if isinstance(transaction, Together):
            return [self.execute(operation) for operation in transaction.operations][-1]
        return self.execute(transaction)

    def execute(self, operation: Operation) -> Outcome:
        """Carry out one operation inside the open transaction.

        A refused operation has written nothing.
        """
        match operation:
            case Append():
                return self._append(operation)
            case Delete():
                return self._delete(operation)
            case Tombstone():
                return self._tombstone(operation)

    def _append(self, append: Append) -> Outcome:
        stream, facts = self._tables.look_up(append.stream)
        ids = [event.event_id for event in append.events]
        match judge(append.expected, facts, ids, self._tables.ids_of(stream)):
            case Gone():
                return StreamIsGone(append.stream)
            case Wrong():
                return WrongVersion(append.expected, facts.last)
            case WrittenBefore(last_revision):
                return Written(last_revision, self._tables.position_of(stream, last_revision))
            case Accepted():
                return self._write(append, stream, facts)

    def _write(self, append: Append, stream: int, facts: StreamFacts) -> Outcome:
        if not append.events:
            return Written(facts.last, None)
        is_metastream = stream_metadata.is_metastream(append.stream)
        described = stream_metadata.stream_described_by(append.stream)
        undeletes = is_metastream and self._tables.look_up(described)[1].soft_deleted
        position = self._insert(append.stream, stream, facts.last + 1, append.events)
        if is_metastream:
            self._apply_metadata(described, append.events[-1])
        if undeletes:
            self._undelete(described)
        if facts.soft_deleted:
            self._undelete(append.stream, facts.last + 1)
        return Written(facts.last + len(append.events), position)

    def _delete(self, delete: Delete) -> Outcome:
        refusal, facts = self._judge_deletion(delete)
        if refusal:
            return refusal
        if facts.last < 0 and not facts.has_metadata:
            return WrongVersion(delete.expected, -1)
        position = self._write_metadata(delete.stream, stream_metadata.soft_deletion())
        return Written(facts.last, position)

    def _tombstone(self, tombstone: Tombstone) -> Outcome:
        refusal, _ = self._judge_deletion(tombstone)
        if refusal:
            return refusal
        event = ProposedEvent(uuid.uuid4().bytes, "$streamDeleted", False, b"", b"")
        stream = self._tables.stream_id(tombstone.stream)
        return Written(TOMBSTONE, self._insert(tombstone.stream, stream, TOMBSTONE, [event]))

    def _judge_deletion(
        self, deletion: Delete | Tombstone
    ) -> tuple[WrongVersion | StreamIsGone | None, StreamFacts]:
        stream, facts = self._tables.look_up(deletion.stream)
        fresh_id = [uuid.uuid4().bytes]
        recorded = self._tables.ids_of(stream)
        match judge(deletion.expected, facts, fresh_id, recorded):
            case Accepted():
                return None, facts
            case Gone():
                return StreamIsGone(deletion.stream), facts
            case _:
                return WrongVersion(deletion.expected, facts.last), facts

    def _insert(
        self, name: str, stream: int, revision: int, events: Sequence[ProposedEvent]
    ) -> int:
        """Write rows and remember them for the subscribers; the position of the last."""
        stream = stream if stream >= 0 else self._tables.stream_id(name)
        created = self._clock() // 100
        for number, event in enumerate(events, start=revision):
            position = self._next_position
            shown = int(_is_shown_in_all(name, event.type))
            response = recorded_event.encode(position, name, number, event, created)
            self._connection.execute(
                _INSERT_EVENT,
                (position, stream, number, event.event_id, created, shown, event.type, response),
            )
            self._records.append(Record(position, name, number, event.type, shown, response))
            self._next_position += 1
        return self.last_position

    def _write_metadata(self, name: str, raw: bytes) -> int:
        metastream = stream_metadata.metastream_of(name)
        event = _metadata_event(raw)
        revision = self._tables.last_revision(metastream) + 1
        position = self._insert(metastream, self._tables.stream_id(metastream), revision, [event])
        self._apply_metadata(name, event)
        return position

    def _apply_metadata(self, name: str, event: ProposedEvent) -> None:
        """Keep the hiding rules beside the stream, so that reading it needs one look-up."""
        raw = event.data if event.is_json else b""
        truncation = stream_metadata.parse_truncation(raw)
        self._connection.execute(
            "UPDATE streams SET truncate_before = ?, max_count = ?, max_age = ? WHERE id = ?",
            (
                truncation.before,
                truncation.max_count,
                truncation.max_age,
                self._tables.stream_id(name),
            ),
        )

    def _undelete(self, name: str, first_revision: int | None = None) -> None:
        """Let a soft-deleted stream live again, keeping the rest of its metadata."""
        if first_revision is None:
            first_revision = self._tables.last_revision(name) + 1
        last_metadata = self._tables.last_response(stream_metadata.metastream_of(name))
        _, raw = recorded_event.payload_of(last_metadata)
        metadata = stream_metadata.recreated_from(raw, first_revision)
        if metadata is not None:
            self._write_metadata(name, metadata)


def _metadata_event(raw: bytes) -> ProposedEvent:
    return ProposedEvent(uuid.uuid4().bytes, "$metadata", True, b"", raw)


def _is_shown_in_all(stream: str, event_type: str) -> bool:
    """``$all`` hides Eventstore's own book-keeping."""
    is_group_state = stream.startswith("$persistentsubscription-$all::") and stream.endswith(
        ("-checkpoint", "-parked")
    )
    return not is_group_state and event_type != "$epoch-information"

"""A log that is read in a process of its own, for whoever has to take in all of it.

The client takes as long to receive an event as the projector to take it in, and Python computes in
one thread at a time: in two processes both happen at once. Knows nothing of what the bytes mean.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import UUID

import msgspec

from orders.event_store.log import EventStore
from orders.event_store.log_follower import (
    EventBatches,
    FollowedLog,
    SubscriptionEnded,
    SubscriptionStuck,
)
from orders.event_store.stored_event import StoredEvent, StoreUnavailable

PAGE = 500
"""Events in one message between the processes, at most."""

LOOK_SECONDS = 1.0
"""How often the reading process looks whether anybody still listens."""

STOP_SECONDS = 5.0

LENGTH_BYTES = 4
"""In front of each message: how many bytes it has."""

PROGRAM = f"import os; from {__name__} import main; os._exit(main())"
"""Ends at once: nobody waits for what the client's threads still do."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[StoredEvent])


class Wanted(msgspec.Struct):
    """What the process is to read: the log, the commit position to begin behind, and for whom."""

    uri: str
    after: int | None
    reader: int = msgspec.field(default_factory=os.getpid)  # the process that wants it


class ReadInAnotherProcess:
    """A log whose subscriptions are processes. What it says otherwise, it asks the log itself."""

    def __init__(self, log: FollowedLog, uri: str) -> None:
        self._log = log
        self._uri = uri

    def subscribe(self, after: int | None) -> "ReadingProcess":
        """Every event behind a commit position, then the live ones."""
        return ReadingProcess(Wanted(self._uri, after))

    def head(self) -> int:
        """The newest commit position."""
        return self._log.head()

    def has_event(self, position: int, event_id: UUID | None) -> bool:
        """Whether this event is at that commit position; True where the id is not known."""
        return self._log.has_event(position, event_id)


class ReadingProcess:
    """Iterates over the events that a process reads, until `stop()`.

    Raises `StoreUnavailable` when the process ends by itself: it could not read on.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._stopped = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which then stops it
        )
        assert self._process.stdin is not None
        with self._process.stdin as request:  # no argument: an address may have a password
            request.write(msgspec.json.encode(wanted))

    def __iter__(self) -> Iterator[StoredEvent]:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            try:
                for message in _messages(stream):
                    yield from _decoder.decode(message)
                if not self._stopped.is_set():
                    raise StoreUnavailable
            finally:
                self.stop()

    def stop(self) -> None:
        """End the process; doing so twice is no error."""
        self._stopped.set()
        self._process.kill()  # it has nothing to lose
        self._process.wait(STOP_SECONDS)


def _messages(stream: IO[bytes]) -> Iterator[bytes]:
    while len(length := stream.read(LENGTH_BYTES)) == LENGTH_BYTES:
        size = int.from_bytes(length)
        message = stream.read(size)
        if len(message) < size:
            return
        yield message


def main() -> int:
    """The reading process: what is asked for comes over standard input. Ends with its reader."""
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    batches = EventBatches(EventStore(wanted.uri), wanted.after, "reading")
    try:
        while os.getppid() == wanted.reader:
            events = batches.next(PAGE, LOOK_SECONDS)
            if events:
                message = _encoder.encode(events)
                sys.stdout.buffer.write(len(message).to_bytes(LENGTH_BYTES) + message)
                sys.stdout.buffer.flush()
    except (SubscriptionEnded, SubscriptionStuck, StoreUnavailable):
        return 1
    except BrokenPipeError:
        return 0
    finally:
        batches.stop()
    return 0

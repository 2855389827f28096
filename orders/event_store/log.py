"""Appending, reading and subscribing, with a deadline for every call."""

import atexit
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from uuid import UUID

import grpc
from django.conf import settings

from orders.event_store.appender import Appender
from orders.event_store.circuit_breaker import CircuitBreaker
from orders.event_store.client import StoreClient
from orders.event_store.client_library import (
    CancelledByClient,
    DeadlineExceeded,
    GrpcError,
    NewEvent,
    NodeIsNotLeader,
    NotFound,
    RecordedEvent,
    StreamIsDeleted,
    StreamState,
    WrongCurrentVersion,
)
from orders.event_store.deadline import seconds_left
from orders.event_store.failures import (
    CLIENT_FAILURES,
    failed_append,
    of_the_whole_log,
    reaching_the_log,
    worth_another_connection,
)
from orders.event_store.limits import CALL_SECONDS, PAGE, RETRY_PAUSE, SHORTEST_CALL, bounded
from orders.event_store.recorded import OWN_STREAMS, stored
from orders.event_store.stored_event import (
    EventStoreError,
    NewStoredEvent,
    StoredEvent,
    StoreUnavailable,
    WrongRevision,
)
from orders.event_store.subscription import Subscription


class EventStore:
    """The log behind one connection. Shared between threads, never across a fork.

    Every call ends before its caller's deadline (`deadline.answering_until`). While the log is
    away reading and appending are refused at once by a circuit breaker; `head` and subscriptions
    go around it.
    """

    def __init__(self, uri: str) -> None:
        self._uri = bounded(uri)
        self._lock = threading.Lock()
        self._client: StoreClient | None = None
        self._appender: Appender  # of that client
        self._breaker = CircuitBreaker(self.head)

    @property
    def is_away(self) -> bool:
        """Whether the log does not respond, as far as is known: then reading is not worth it."""
        return self._breaker.is_open

    def append(
        self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
    ) -> int:
        """Write all events or none behind `expected_revision` (None: there is no such stream).

        Returns the commit position of the last one. Raises `WrongRevision`, `StoreUnavailable`
        or `OutcomeUnknown`.
        """
        with self._unless_away():
            return self._append(stream, expected_revision, events)

    def _append(
        self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
    ) -> int:
        client, appender = self._connected(), self._appender
        version = StreamState.NO_STREAM if expected_revision is None else expected_revision
        new_events = [
            NewEvent(
                type=event.type_name,
                data=event.data,
                metadata=event.metadata,
                id=event.event_id,
            )
            for event in events
        ]
        # The timeouts are the last thing before: nothing is written for a caller who is gone.
        try:
            try:
                return appender.append(stream, version, new_events, _timeout())
            except DeadlineExceeded:
                raise
            except (CancelledByClient, GrpcError, NodeIsNotLeader, ValueError):
                # The call that carried it broke. Once more, by itself: the log knows these events
                # by their ids, should they be there already.
                return client.append_to_stream(
                    stream, current_version=version, events=new_events, timeout=_timeout()
                )
        except WrongCurrentVersion as error:
            raise WrongRevision from error
        except CLIENT_FAILURES as error:
            raise failed_append(error) from error

    def read_stream(self, stream: str, after: int | None = None) -> list[StoredEvent]:
        """The events of one stream, oldest first: all, or those behind a revision.

        [] if there is no such stream.
        """
        position = None if after is None else after + 1

        def read(client: StoreClient) -> list[StoredEvent]:
            try:
                with client.read_stream(
                    stream, stream_position=position, timeout=_timeout()
                ) as response:
                    return _whole(response)
            except (NotFound, StreamIsDeleted):
                return []

        return self._read(read)

    def read_all(
        self, after: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[StoredEvent]:
        """Events of the shop's own streams beyond a commit position, in reading direction.

        Without a limit it reads the whole log, page by page.
        """
        found: list[StoredEvent] = []
        while limit is None or len(found) < limit:
            wanted = PAGE if limit is None else min(PAGE, limit - len(found))
            page = self._page(found[-1].position if found else after, wanted, backwards)
            found += page
            if len(page) < wanted:
                break
        return found

    def _page(self, after: int | None, wanted: int, backwards: bool) -> list[StoredEvent]:
        def read(client: StoreClient) -> list[StoredEvent]:
            with client.read_all(
                commit_position=after,
                backwards=backwards,
                filter_include=OWN_STREAMS,
                filter_by_stream_name=True,
                limit=wanted + 1,  # a forward read begins with the event *at* the position
                timeout=_timeout(),
            ) as response:
                return _whole(response)

        page = self._read(read)
        if after is not None:
            page = [e for e in page if (e.position < after if backwards else e.position > after)]
        return page[:wanted]

    def has_event(self, position: int, event_id: UUID | None) -> bool:
        """Whether the event at a commit position is this one; True where its id is not known.

        For whoever remembers how far it was: another event there, or none, is another log.
        """
        if event_id is None:
            return True

        def read(client: StoreClient) -> list[StoredEvent]:
            with client.read_all(
                commit_position=position,
                filter_include=OWN_STREAMS,
                filter_by_stream_name=True,
                limit=1,
                timeout=_timeout(),
            ) as response:
                return _whole(response)

        return any(e.position == position and e.event_id == event_id for e in self._read(read))

    def subscribe(self, after: int | None) -> Subscription:
        """Every event of the shop's own streams behind a commit position, then the live ones."""
        return Subscription(self._uri, after)

    def head(self) -> int:
        """The commit position of the newest event of the shop's own streams; 0 if none.

        Asks whatever the circuit breaker says: this is how the log is found again. Whoever must
        not wait for a log that is away asks `is_away` first.
        """
        with self._telling_the_breaker(), reaching_the_log():
            return self._connected().get_commit_position(
                filter_include=OWN_STREAMS, filter_by_stream_name=True, timeout=_timeout()
            )

    def close(self) -> None:
        """Let the connection go; a later call makes a new one."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            self._appender.close()
            client.close()

    def _read(self, read: Callable[[StoreClient], list[StoredEvent]]) -> list[StoredEvent]:
        """Read, and once more over a new connection if this one broke; reading harms nobody."""
        with self._unless_away():
            client = self._connected()
            connection = client.connection
            try:
                with reaching_the_log():
                    return read(client)
            except StoreUnavailable as error:
                if not worth_another_connection(error.__cause__):
                    raise
                leader = getattr(error.__cause__, "leader_grpc_target", None)
            with reaching_the_log():
                client.leave(connection, leader)
                return read(client)

    @contextmanager
    def _unless_away(self) -> Iterator[None]:
        if not self._breaker.admits():
            raise StoreUnavailable
        with self._telling_the_breaker():
            yield

    @contextmanager
    def _telling_the_breaker(self) -> Iterator[None]:
        try:
            yield
        except WrongRevision:
            self._breaker.succeeded()
            raise
        except EventStoreError as error:
            failure = of_the_whole_log(error.__cause__)
            if failure is not None:
                self._breaker.failed(failure)
            raise
        self._breaker.succeeded()

    def _connected(self) -> StoreClient:
        with self._lock:
            if self._client is None:
                with reaching_the_log():
                    self._client = StoreClient(self._uri)
                self._appender = Appender(self._client)
            return self._client


@cache
def event_store() -> EventStore:
    """This process's log: `settings.EVENTSTORE_URI`, connected at the first call."""
    store = EventStore(settings.EVENTSTORE_URI)
    atexit.register(store.close)
    return store


def _timeout() -> float:
    """Seconds for one of the two tries of a call. Raises `StoreUnavailable` if they are over."""
    seconds = min(CALL_SECONDS, (seconds_left() - RETRY_PAUSE) / 2)
    if seconds < SHORTEST_CALL:
        raise StoreUnavailable("There was no time left for it.")
    return seconds


def _whole(response: Iterable[RecordedEvent]) -> list[StoredEvent]:
    """Every event of a response, or `StoreUnavailable`.

    When one thread finds the log away and reconnects, the client cancels the responses that other
    threads are reading and ends them as if they were complete: half a stream would look like an
    order that was never paid. Only the call itself knows.
    """
    events = [stored(event) for event in response]
    call: grpc.Call = response._read_resps  # type: ignore[attr-defined]
    if call.code() is not grpc.StatusCode.OK:
        raise StoreUnavailable
    return events

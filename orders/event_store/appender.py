"""Appends of many threads over one call that stays open, instead of a call for each.

A call costs more than what it carries: with 16 threads an append takes half of the CPU here, and
two thirds of it in the log. Knows the client's messages for this one call, which the client itself
only ever uses for a single append; nothing of events, and nothing of what a failure means.
"""

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import grpc

from orders.event_store.client import StoreClient
from orders.event_store.client_library import (
    DeadlineExceeded,
    ESDBConnection,
    NewEvent,
    ServiceUnavailable,
    StreamState,
    handle_rpc_error,
)

NOT_SENT = "closed channel"
"""What `failures` knows to mean that nothing was written."""


class Appender:
    """Appends over the client's connection of the moment. Safe to share between threads."""

    def __init__(self, client: StoreClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._call: _OpenCall | None = None

    def append(
        self,
        stream: str,
        current_version: int | StreamState,
        events: Sequence[NewEvent],
        timeout: float,
    ) -> int:
        """The commit position of the last event, within `timeout` seconds.

        Raises what the client raises. `DeadlineExceeded` and failures of the connection say nothing
        about whether the events were written.
        """
        return self._open().append(stream, current_version, events, timeout)

    def close(self) -> None:
        """End the open call, if there is one."""
        with self._lock:
            call, self._call = self._call, None
        if call is not None:
            call.end()

    def _open(self) -> "_OpenCall":
        connection = self._client.connection
        with self._lock:
            call = self._call
            if call is None or call.has_ended or call.connection is not connection:
                if call is not None:
                    call.end()
                self._call = call = _OpenCall(connection, self._client.call_metadata)
            return call


@dataclass
class _Pending:
    """An append without a response yet."""

    stream: str
    current_version: int | StreamState
    position: Future[int] = field(default_factory=Future)


class _OpenCall:
    """One BatchAppend call: requests in any order, responses by their correlation ids."""

    def __init__(self, connection: ESDBConnection, metadata: Sequence[tuple[str, str]]) -> None:
        self.connection = connection
        self.has_ended = False
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        streams: Any = connection.streams
        self._streams = streams
        self._responses: Any = streams._stub.BatchAppend(
            iter(self._requests.get, None),
            metadata=streams._metadata(tuple(metadata), requires_leader=True),
        )
        threading.Thread(target=self._receive, name="appends", daemon=True).start()

    def append(
        self,
        stream: str,
        current_version: int | StreamState,
        events: Sequence[NewEvent],
        timeout: float,
    ) -> int:
        """As `Appender.append`."""
        correlation_id = uuid4()
        request = self._streams._construct_batch_append_req(
            stream_name=stream,
            current_version=current_version,
            events=events,
            correlation_id=correlation_id,
            timeout=timeout,
        )
        pending = _Pending(stream, current_version)
        with self._lock:
            if self.has_ended:
                raise ServiceUnavailable(NOT_SENT)
            self._pending[str(correlation_id)] = pending
            self._requests.put(request)
        try:
            return pending.position.result(timeout)
        except TimeoutError:
            # The call stays open: a log that stood still goes on with it, and what is late for one
            # append need not be late for the next.
            with self._lock:
                self._pending.pop(str(correlation_id), None)
            raise DeadlineExceeded from None

    def end(self) -> None:
        """End it; what has no response yet gets the client's error for a call it cancelled."""
        self._responses.cancel()

    def _receive(self) -> None:
        end: grpc.RpcError | None = None
        try:
            for response in self._responses:
                self._take(response)
        except grpc.RpcError as rpc_error:
            end = rpc_error
        finally:
            with self._lock:
                self.has_ended = True
                pending, self._pending = self._pending, {}
            self._requests.put(None)  # lets the thread go that sends
            for append in pending.values():
                # An error of its own for each: every thread adds to the one that it raises.
                error = handle_rpc_error(end) if end else ServiceUnavailable("It has ended.")
                append.position.set_exception(error)

    def _take(self, response: Any) -> None:
        with self._lock:
            pending = self._pending.pop(response.correlation_id.string, None)
        if pending is None:
            return
        try:
            position = self._streams._convert_batch_append_resp(
                response, pending.stream, pending.current_version
            )
        except Exception as error:  # noqa: BLE001 - it belongs to whoever appended
            pending.position.set_exception(error)
        else:
            pending.position.set_result(position)

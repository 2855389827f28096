"""Appends of several threads over one BatchAppend call that stays open, as a busy client does it.

The client library opens a call for every append, and a call costs more than what it carries. This
uses the library's own messages; all it changes is that the call stays open.
"""

import queue
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc

from embedded_eventstore.client_library import EventStoreDBClient, NewEvent, StreamState

_SECONDS = 10.0


class SharedCall:
    """An open call. Any thread may append."""

    def __init__(self, client: EventStoreDBClient) -> None:
        streams: Any = client.streams
        self._request = streams._construct_batch_append_req
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._waiting: dict[str, Future[Any]] = {}
        self._responses = streams._stub.BatchAppend(iter(self._requests.get, None))
        threading.Thread(target=self._take, args=(self._responses,), daemon=True).start()

    def append_to_stream(
        self, stream: str, *, current_version: int | StreamState, events: NewEvent
    ) -> None:
        """Return once it is written."""
        correlation_id = uuid4()
        waiting = self._waiting[str(correlation_id)] = Future()
        self._requests.put(
            self._request(stream, current_version, [events], correlation_id, _SECONDS)
        )
        response = waiting.result(_SECONDS)
        assert response.WhichOneof("result") == "success"

    def close(self) -> None:
        self._requests.put(None)
        self._responses.cancel()

    def _take(self, responses: Iterable[Any]) -> None:
        try:
            for response in responses:
                self._waiting.pop(response.correlation_id.string).set_result(response)
        except grpc.RpcError:
            # Closed; whoever still waits runs into its time limit.
            return


@contextmanager
def shared_call(uri: str) -> Iterator[SharedCall]:
    with EventStoreDBClient(uri) as client:
        call = SharedCall(client)
        try:
            yield call
        finally:
            call.close()

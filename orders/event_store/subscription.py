"""A subscription: every event behind a position, then the live ones, until somebody stops it."""

import threading
from collections.abc import Iterator
from contextlib import suppress

from orders.event_store.client import StoreClient
from orders.event_store.failures import CLIENT_FAILURES, reaching_the_log
from orders.event_store.recorded import OWN_STREAMS, stored
from orders.event_store.stored_event import StoredEvent, StoreUnavailable


class Subscription:
    """Iterates over events until `stop()`, which any thread may call at any time.

    Whatever goes wrong is `StoreUnavailable`: subscribe anew from the checkpoint. The connection
    is its own, so that `stop()` ends even a wait for a store that never responds.
    """

    def __init__(self, uri: str, after: int | None) -> None:
        self._uri = uri
        self._after = after
        self._lock = threading.Lock()
        self._client: StoreClient | None = None
        self._stopped = False

    def __iter__(self) -> Iterator[StoredEvent]:
        try:
            with reaching_the_log():
                yield from self._events()
        except StoreUnavailable:
            if not self._stopped:
                raise
        finally:
            self.stop()

    def _events(self) -> Iterator[StoredEvent]:
        client = StoreClient(self._uri)
        with self._lock:
            if self._stopped:
                client.close()
                return
            self._client = client
        for event in client.subscribe_to_all(
            commit_position=self._after,
            filter_include=OWN_STREAMS,
            filter_by_stream_name=True,
        ):
            yield stored(event)

    def stop(self) -> None:
        """End the iteration; doing so twice is no error."""
        with self._lock:
            self._stopped = True
            client, self._client = self._client, None
        if client is not None:
            with suppress(*CLIENT_FAILURES):
                client.close()

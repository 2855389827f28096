"""The shop as a whole as this process knows it: read on from the shop's own stream now and then.

At most half a second old while the log is there; as it was known last while it is away, because a
shop that cannot ask goes on as before.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Protocol

from orders.command_handler import Done, Log, handle
from orders.domain.command import Command
from orders.domain.shop import Shop, fold
from orders.domain.streams import SHOP_STREAM
from orders.event_codec import Undecodable, decode
from orders.event_store import StoredEvent, StoreUnavailable, event_store

LOOK_SECONDS = 0.5


class ShopLog(Log, Protocol):
    """What is needed of the event store."""

    def read_stream(self, stream: str, after: int | None = None) -> list[StoredEvent]:
        """The events of one stream behind a revision, oldest first."""


class ShopState:
    """The shop, for one process; from any thread."""

    def __init__(
        self, store: Callable[[], ShopLog], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._shop = Shop()
        self._revision: int | None = None
        self._looked_at = float("-inf")
        self._has_looked = False

    def shop(self) -> Shop:
        """The shop now. While another thread looks, as it was known before."""
        if self._clock() - self._looked_at >= LOOK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._shop

    def known(self) -> Shop:
        """The shop as it is known, without waiting: for what is drawn while others wait.

        Only the first time in a process there is nothing to know before the log has been asked.
        """
        if not self._has_looked:
            return self.shop()
        shop = self._shop
        if self._clock() - self._looked_at >= LOOK_SECONDS and not self._lock.locked():
            threading.Thread(target=self.shop, name="shop-state", daemon=True).start()
        return shop

    def know(self, revision: int) -> None:
        """Read on unless that fact is known: for whoever was told of it. Waits for the log."""
        if self.revision >= revision:
            return
        with self._lock:
            if self.revision < revision:
                self._look()

    @property
    def revision(self) -> int:
        """The last fact that is known, by its number in the stream; -1 before the first."""
        return -1 if self._revision is None else self._revision

    def tell(self, command: Command) -> Done:
        """Carry out a command on the shop as a whole, and know what it did. Raises what `handle`
        raises.

        Not left to the next who asks: while another thread looks, that one gets what was before.
        """
        done = handle(SHOP_STREAM, command, store=self._store())
        self.look()
        return done

    def look(self) -> Shop:
        """Read on now, whatever another process has been told meanwhile. Waits for the log."""
        with self._lock:
            self._look()
        return self._shop

    def _look(self) -> None:
        """Read on, by whoever has the lock; while the log is away, what was known stays."""
        self._looked_at = self._clock()
        with suppress(StoreUnavailable):
            self._read_on()

    def _read_on(self) -> None:
        stored = self._store().read_stream(SHOP_STREAM, self._revision)
        facts = []
        for event in stored:
            try:
                fact = decode(event)
            except Undecodable:
                continue  # a later program's: what is known goes on
            if fact is not None:
                facts.append(fact)
        self._has_looked = True
        if stored:
            self._shop, self._revision = fold(facts, self._shop), stored[-1].revision


@cache
def shop_state() -> ShopState:
    """The one of this process."""
    return ShopState(event_store)


def shop_now() -> Shop:
    """The shop as it is."""
    return shop_state().shop()


def shop_as_known() -> Shop:
    """The shop as it was known a moment ago, without waiting for the log."""
    return shop_state().known()


def shop_in_the_log() -> Shop:
    """The shop as its stream says it now, as far as the log is there."""
    return shop_state().look()


def tell_the_shop(command: Command) -> Done:
    """Carry out a command on the shop as a whole. Raises what `handle` raises."""
    return shop_state().tell(command)


def know_the_shop(revision: int) -> None:
    """Know at least so much of the shop, as far as the log is there."""
    shop_state().know(revision)


def known_revision() -> int:
    """The last fact about the shop that this process knows; -1 before the first."""
    return shop_state().revision

"""Notices customers' keys that are gone: their database was deleted, or an older one put back.

A key is stored before the first fact that it seals is written, and its row outlives even being
forgotten. So a fact in the log that is sealed for a customer without a row proves the loss, unless
the customer asked to be forgotten meanwhile. How far the log is checked is noted in the same
database as the keys: a copy that is put back is checked from where it was made.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, close_old_connections, models

from orders.event_codec import sealed_for
from orders.event_store import EventStoreError, StoredEvent
from orders.personal_data import CustomerKey

PAGE = 500
"""Events read at once; not more customers than a query takes."""

START_SECONDS = 3.0
"""What a process's start spends on it at most; the rest is checked while it works."""

AGAIN_SECONDS = 600.0
AWAY_SECONDS = 2.0

CUSTOMER_STREAM = "customer-"
FORGOTTEN_TYPE = "CustomerForgotten"

logger = logging.getLogger(__name__)


class KeysLost(ImproperlyConfigured):
    """The log has facts that nobody can read any more. Its text says what to put back."""

    def __init__(self, customers: int) -> None:
        super().__init__(
            f"The keys of customers are gone: facts about {customers} of them, and perhaps of "
            "others, are in the log, but not their keys in the database of the accounts. It was "
            "deleted, or an older copy was put back. Close the shop and put back the newest copy "
            "of it (DATABASE_URL, or default.sqlite3 in BARSTUCKS_VAR). If there is none, set "
            "OPEN_WITHOUT_KEYS=yes for one start: these customers' names and notes are then "
            "forgotten for good."
        )


class ReadLog(Protocol):
    """What is needed of the log."""

    def head(self) -> int:
        """The newest commit position."""

    def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
        """Events behind a commit position."""

    def read_stream(self, stream: str) -> list[StoredEvent]:
        """All events of a stream."""


class CheckedKeys(models.Model):
    """Up to which commit position every sealed fact had its key. One row."""

    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"keys are checked up to {self.position}"


def check_keys(store: ReadLog, *, seconds: float | None = None) -> bool:
    """Check the facts that were written since the last time. Raises `KeysLost`.

    Whether it came to the end of the log within so many seconds.
    """
    end = None if seconds is None else time.monotonic() + seconds
    head = store.head()
    checked = CheckedKeys.objects.filter(pk=1).values_list("position", flat=True).first()
    if checked is not None and checked > head:
        checked = None  # the log is an older copy, or another one
    if settings.OPEN_WITHOUT_KEYS:
        logger.warning("keys are not looked for up to %d, as OPEN_WITHOUT_KEYS says", head)
        _note(head)
        return True
    while page := store.read_all(after=checked, limit=PAGE):
        lost = _without_key(store, page)
        if lost:
            raise KeysLost(len(lost))
        checked = page[-1].position
        _note(checked)
        if len(page) < PAGE:
            break
        if end is not None and time.monotonic() > end:
            return False
    return True


def refuse_without_keys(store: ReadLog) -> None:
    """To be called when a process starts: raises `KeysLost`, and goes on checking in a thread.

    Without the log or the database it only begins the thread, which ends the process when keys
    turn out to be gone: started again, it refuses.
    """
    is_whole = False
    try:
        is_whole = check_keys(store, seconds=START_SECONDS)
    except (EventStoreError, DatabaseError) as error:
        logger.warning("keys cannot be checked yet: %s", error)
    threading.Thread(
        target=_go_on, args=(store, AGAIN_SECONDS if is_whole else 0.0), name="keys", daemon=True
    ).start()


def _go_on(store: ReadLog, pause: float) -> None:
    while True:
        time.sleep(pause)
        try:
            check_keys(store)
            pause = AGAIN_SECONDS
        except KeysLost as lost:
            logger.critical("%s", lost)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        except (EventStoreError, DatabaseError):
            pause = AWAY_SECONDS
        close_old_connections()


def _without_key(store: ReadLog, page: Sequence[StoredEvent]) -> list[str]:
    """The customers of these facts that have no key, and did not ask to be forgotten."""
    customers = {customer for stored in page if (customer := sealed_for(stored))}
    known = CustomerKey.objects.filter(customer__in=customers).values_list("customer", flat=True)
    return [
        customer
        for customer in sorted(customers.difference(known))
        if not any(
            stored.type_name == FORGOTTEN_TYPE
            for stored in store.read_stream(f"{CUSTOMER_STREAM}{customer}")
        )
    ]


def _note(position: int) -> None:
    CheckedKeys.objects.update_or_create(pk=1, defaults={"position": position})

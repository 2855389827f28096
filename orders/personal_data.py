"""The customers' keys: what makes a personal field readable, and what is destroyed to forget.

Sits between the codec and the key table. Knows nothing of events or of the log.
"""

import base64
import os
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models, transaction

from orders.domain.refused import AlreadyForgotten

KEY_BITS = 256
NONCE_BYTES = 12
"""AES-GCM's own nonce size; random, because one key seals a handful of fields at most."""

CACHE_SECONDS = 10.0
"""How long another process may still read with a key that was just destroyed."""

CACHE_SIZE = 5_000
"""Keys in memory: more than one batch of a rebuild needs."""

FETCHED_AT_ONCE = 400
"""Keys in one query: SQLite allows 999 parameters in the oldest versions still around."""


class CustomerKey(models.Model):
    """What makes the personal fields of one customer readable. Empty: asked to be forgotten."""

    customer = models.CharField(max_length=64, primary_key=True)
    key = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.customer


class KeyRing:
    """Keys by customer (an opaque hex id). Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cached: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def writing_key(self, customer: str) -> bytes:
        """The customer's key, made at the first use. Raises `AlreadyForgotten`."""
        found = self._remembered(customer)
        if found is None:
            row, _made = CustomerKey.objects.get_or_create(
                customer=customer, defaults={"key": AESGCM.generate_key(KEY_BITS)}
            )
            found = bytes(row.key)
            self._remember(customer, found)
        if not found:
            raise AlreadyForgotten
        return found

    def reading_key(self, customer: str) -> bytes | None:
        """The customer's key, or None if there is none (any more)."""
        found = self._remembered(customer)
        if found is None:
            row = CustomerKey.objects.filter(customer=customer).only("key").first()
            found = b"" if row is None else bytes(row.key)
            if found:
                self._remember(customer, found)
        return found or None

    def fetch(self, customers: Iterable[str]) -> None:
        """Read the keys of these customers ahead, a few hundred in a query."""
        wanted = [key for key in sorted(set(customers)) if key and self._remembered(key) is None]
        for start in range(0, len(wanted), FETCHED_AT_ONCE):
            some = wanted[start : start + FETCHED_AT_ONCE]
            rows = CustomerKey.objects.filter(customer__in=some).values_list("customer", "key")
            for customer, key in rows:
                if key:
                    self._remember(customer, bytes(key))

    def destroy(self, customer: str) -> None:
        """Forget a customer for good: an empty key stays behind, so that none is made again."""
        with transaction.atomic(using=CustomerKey.objects.db):
            CustomerKey.objects.update_or_create(customer=customer, defaults={"key": b""})
        with self._lock:
            self._cached.pop(customer, None)

    def clear(self) -> None:
        """Keep no key in memory: read each again."""
        with self._lock:
            self._cached.clear()

    def _remembered(self, customer: str) -> bytes | None:
        with self._lock:
            until, key = self._cached.get(customer, (0.0, b""))
        return key if until > self._clock() else None

    def _remember(self, customer: str, key: bytes) -> None:
        with self._lock:
            if len(self._cached) >= CACHE_SIZE:
                del self._cached[next(iter(self._cached))]  # the one kept for the longest time
            self._cached[customer] = (self._clock() + CACHE_SECONDS, key)


@cache
def key_ring() -> KeyRing:
    """This process's key ring."""
    return KeyRing()


def seal(text: str, key: bytes, context: bytes) -> str:
    """Encrypt one field; `context` (event id and field) must be the same to open it."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), context)).decode()


def unseal(sealed: str, key: bytes, context: bytes) -> str | None:
    """Decrypt one field; None if this is not the key it was sealed with."""
    raw = base64.b64decode(sealed)
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context).decode()
    except InvalidTag:
        return None

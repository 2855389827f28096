"""The reservation of a name: held freshly, given back, or taken over when nobody finishes it.

One stream a name, called after the name's keyed hash; every step is taken at the revision that
was looked at. Knows nothing of registering.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from orders.command_handler import Conflict, Log, handle
from orders.derived_keys import derived_key
from orders.domain.command import Envelope, follow_up
from orders.domain.customer import ReleaseName, ReserveName
from orders.domain.event import FORGOTTEN
from orders.domain.events import (
    CustomerForgotten,
    CustomerNameReleased,
    CustomerNameReserved,
    CustomerRegistered,
)
from orders.domain.refused import NameTaken
from orders.domain.streams import customer_name_stream, customer_stream
from orders.event_codec import decode, key_ring
from orders.event_store import StoredEvent

ORPHAN_AFTER = timedelta(seconds=60)
"""How old a reservation must be before somebody else may take it over."""

RENEW_AFTER = timedelta(seconds=30)
"""How old a customer's own reservation may be to go on with: well before it can be taken over."""

TRIES = 5


@dataclass(frozen=True)
class Holder:
    """Who holds a name, since when, and the revision at which this was read (-1: no stream)."""

    customer: str
    since: datetime
    revision: int


@dataclass(frozen=True)
class NameReservation:
    """What one form of one customer does to the reservation of a name."""

    store: Log
    customer: UUID
    name: str
    envelope: Envelope

    def hold(self) -> None:
        """See to it that the customer holds the name, freshly. Raises `NameTaken`."""
        for _ in range(TRIES):
            holder = self._holder()
            age = self.envelope["at"] - holder.since
            own = holder.customer == self.customer.hex
            if own and age < RENEW_AFTER:
                return
            if holder.customer and not own and not (age > ORPHAN_AFTER and self._orphan(holder)):
                raise NameTaken
            with suppress(Conflict):
                revision = holder.revision
                if holder.customer:
                    self._release(holder)
                    revision += 1
                envelope = follow_up(self.envelope, f"reserve {revision}")
                self._handle(ReserveName(**envelope, customer=self.customer.hex), revision)
                return
        raise NameTaken

    def release(self) -> None:
        """Give the name back, if the customer holds it."""
        holder = self._holder()
        if holder.customer == self.customer.hex:
            with suppress(Conflict):  # then somebody else has taken it over
                self._release(holder)

    def _orphan(self, holder: Holder) -> bool:
        """Whether the holder never registered this name, or was forgotten."""
        stored = self.store.read_stream(customer_stream(UUID(hex=holder.customer)))
        registered = name_in(stored)
        return registered != FORGOTTEN and hash_of(registered) != hash_of(self.name)

    def _release(self, holder: Holder) -> None:
        envelope = follow_up(self.envelope, f"release {holder.revision}")
        self._handle(ReleaseName(**envelope, customer=holder.customer), holder.revision)

    def _handle(self, command: ReleaseName | ReserveName, revision: int) -> None:
        # At the revision that was looked at: what was decided above holds for no other.
        handle(self._stream, command, store=self.store, seen_revision=revision)

    def _holder(self) -> Holder:
        return _holder_in(self.store.read_stream(self._stream))

    @property
    def _stream(self) -> str:
        return customer_name_stream(hash_of(self.name))


def _holder_in(stored: Sequence[StoredEvent]) -> Holder:
    customer, since = "", datetime.min.replace(tzinfo=UTC)
    for event in stored:
        fact = decode(event)
        match fact.event if fact else None:
            case CustomerNameReserved(customer=customer) if fact:
                since = fact.occurred_at
            case CustomerNameReleased():
                customer = ""
    return Holder(customer, since, len(stored) - 1)


def name_in(stored: Sequence[StoredEvent]) -> str:
    """The name in a customer's stream: "" for nobody and for the forgotten.

    `FORGOTTEN` where a name is there but cannot be read.
    """
    name = ""
    for event in stored:
        fact = decode(event, key_ring())
        match fact.event if fact else None:
            case CustomerRegistered(name=given):
                name = given
            case CustomerForgotten():
                return ""
    return name


def hash_of(name: str) -> str:
    """Names that look alike are one name: no difference of case, width or composition."""
    alike = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return hmac.new(derived_key("customer-name"), alike.encode(), hashlib.sha256).hexdigest()

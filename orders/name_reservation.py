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
from uuid import UUID, uuid5

from orders.command_handler import Conflict, Log, handle
from orders.domain import customer as customers
from orders.domain.event import FORGOTTEN
from orders.domain.events import CustomerForgotten, CustomerNameReserved, CustomerRegistered
from orders.domain.refused import NameTaken
from orders.domain.streams import customer_name_stream, customer_stream
from orders.event_codec import decode, key_ring
from orders.event_store import StoredEvent
from orders.pepper import pepper

ORPHAN_AFTER = timedelta(seconds=60)
"""How old a reservation must be before somebody else may take it over."""

RENEW_AFTER = timedelta(seconds=30)
"""How old a customer's own reservation may be to go on with: well before it can be taken over."""

TRIES = 5


@dataclass(frozen=True)
class Reservation:
    """Who holds a name, since when, and the revision at which this was read (-1: no stream)."""

    holder: str
    since: datetime
    revision: int


def actor_of(customer: UUID) -> str:
    """How a customer is called where it is written down who did something."""
    return f"customer-{customer.hex}"


@dataclass(frozen=True)
class NameSteps:
    """What one form of one customer does to the reservation of a name."""

    store: Log
    customer: UUID
    command_id: UUID
    at: datetime
    correlation: str

    def hold(self, name: str) -> None:
        """See to it that the customer holds the name, freshly. Raises `NameTaken`."""
        stream = customer_name_stream(hash_of(name))
        for _ in range(TRIES):
            seen = _reservation(self.store.read_stream(stream))
            age = self.at - seen.since
            own = seen.holder == self.customer.hex
            if own and age < RENEW_AFTER:
                return
            if seen.holder and not own and not (age > ORPHAN_AFTER and self._orphan(seen, name)):
                raise NameTaken
            with suppress(Conflict):
                revision = seen.revision
                if seen.holder:
                    self._release(stream, seen.holder, revision)
                    revision += 1
                self._reserve(stream, revision)
                return
        raise NameTaken

    def release(self, name: str) -> None:
        """Give the name back, if the customer holds it."""
        stream = customer_name_stream(hash_of(name))
        seen = _reservation(self.store.read_stream(stream))
        if seen.holder == self.customer.hex:
            with suppress(Conflict):  # then somebody else has taken it over
                self._release(stream, seen.holder, seen.revision)

    def _orphan(self, seen: Reservation, name: str) -> bool:
        """Whether the holder never registered this name, or was forgotten."""
        stored = self.store.read_stream(customer_stream(UUID(hex=seen.holder)))
        registered = name_in(stored)
        return registered != FORGOTTEN and hash_of(registered) != hash_of(name)

    def _release(self, stream: str, holder: str, revision: int) -> None:
        self._handle(
            stream,
            customers.ReleaseName(
                command_id=uuid5(self.command_id, f"release {revision}"),
                at=self.at,
                actor=actor_of(self.customer),
                customer=holder,
            ),
            revision,
        )

    def _reserve(self, stream: str, revision: int) -> None:
        self._handle(
            stream,
            customers.ReserveName(
                command_id=uuid5(self.command_id, f"reserve {revision}"),
                at=self.at,
                actor=actor_of(self.customer),
                customer=self.customer.hex,
            ),
            revision,
        )

    def _handle(
        self, stream: str, command: customers.ReleaseName | customers.ReserveName, revision: int
    ) -> None:
        # At the revision that was looked at: what was decided above holds for no other.
        handle(
            stream,
            customers.SERVICE,
            command,
            store=self.store,
            correlation=self.correlation,
            seen_revision=revision,
        )


def _reservation(stored: Sequence[StoredEvent]) -> Reservation:
    holder, since = "", datetime.min.replace(tzinfo=UTC)
    for event in stored:
        fact = decode(event)
        if fact is None:
            continue
        taken = isinstance(fact.event, CustomerNameReserved)
        holder = fact.event.customer if isinstance(fact.event, CustomerNameReserved) else ""
        since = fact.occurred_at if taken else since
    return Reservation(holder, since, len(stored) - 1)


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
    return hmac.new(pepper("customer-name"), alike.encode(), hashlib.sha256).hexdigest()

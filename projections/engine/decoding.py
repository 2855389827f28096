"""The events of a batch with what is in their bytes, decoded once for all projections.

A customer's key is destroyed here, when the fact that they asked to be forgotten is met: what
comes behind it is unreadable from then on, in the same batch as in a rebuild. Doing it again is
harmless, so that a batch whose transaction fails may simply come again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from orders import event_codec
from orders.domain.event import type_named
from orders.domain.events import CustomerForgotten
from orders.domain.fact import Fact
from orders.event_codec import NO_JSON, KeyRing, Undecodable
from orders.event_store import StoredEvent


@dataclass(frozen=True)
class DecodedEvent:
    """An event and what was in its bytes: a fact, an error, or neither (of an unknown type)."""

    stored: StoredEvent
    fact: Fact | None
    error: Undecodable | None = None


def decoded(batch: Sequence[StoredEvent], keys: KeyRing) -> list[DecodedEvent]:
    """Each event with its fact. Destroys the keys of customers who asked to be forgotten."""
    keys.fetch(filter(None, map(_customer_in, batch)))
    return [_decoded(stored, keys) for stored in batch]


def _decoded(stored: StoredEvent, keys: KeyRing) -> DecodedEvent:
    try:
        fact = event_codec.decode(stored, keys)
    except Undecodable as error:
        return DecodedEvent(stored, None, error)
    if fact is not None and isinstance(fact.event, CustomerForgotten):
        event_codec.forget(fact.event.customer, keys)
    return DecodedEvent(stored, fact)


class _OfCustomer(msgspec.Struct):
    customer: str = ""


_of_customer = msgspec.json.Decoder(_OfCustomer)


def _customer_in(stored: StoredEvent) -> str:
    """Whose key this event may need, without decoding it; what cannot be read is seen later."""
    known = type_named(stored.type_name)
    if known is None or not known.personal_fields:
        return ""
    try:
        return _of_customer.decode(stored.data).customer
    except NO_JSON:
        return ""

"""The read side's door to the log: facts with their personal fields readable.

Knows no table and no screen.
"""

from orders import event_codec
from orders.domain.fact import Fact
from orders.event_store import event_store


def facts_of(stream: str) -> list[Fact]:
    """Every known fact of one stream, oldest first. Raises `StoreUnavailable`."""
    keys = event_codec.key_ring()
    decoded = (event_codec.decode(stored, keys) for stored in event_store().read_stream(stream))
    return [fact for fact in decoded if fact is not None]

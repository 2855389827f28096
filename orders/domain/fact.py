"""A fact: an event together with where and when it was written. What every reader folds.

Knows nothing of bytes or of the store; `orders/event_codec.py` makes facts.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orders.domain.event import Event


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One recorded event. Times are timezone-aware UTC."""

    event: Event
    event_id: UUID
    type_name: str  # as published
    schema: int  # the version it was written in; `event` is already in today's shape
    stream: str
    revision: int  # 0, 1, 2 … within the stream, gapless
    position: int  # commit position in the whole log, growing
    occurred_at: datetime  # when it happened in the shop
    recorded_at: datetime  # when the store wrote it down: what we *knew* when
    actor: str  # who: `customer-<hex>`, `staff-<id>`, `reactor`, `import`
    command_id: UUID
    correlation_id: str
    causation_id: str

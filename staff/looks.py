"""Who looked at personal fields of customers: a row for each look, for the owner to read.

Written before the page is sent: without the row there is no page. Kept for a year, because it is
itself a record of what people did. Knows no table of the shop: a page says which streams it shows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from staff.models import AuditedLook
from staff.names import actor_of

KEPT = timedelta(days=365)
"""So long, and no longer, it is kept who looked at what."""


def note_look(
    user_id: int | None, page: str, streams: Sequence[str], now: datetime | None = None
) -> None:
    """Note that somebody is about to read the personal fields of these streams on a page.

    No streams, no row. `now` is the time of the look, else the clock's.
    """
    if not streams:
        return
    actor, at = actor_of(user_id or 0), now or timezone.now()
    with transaction.atomic():
        AuditedLook.objects.filter(at__lt=at - KEPT).delete()
        AuditedLook.objects.create(at=at, actor=actor, page=page, streams="\n".join(streams))

"""The projector's pulse: one row, written about once a second also while nothing happens.

A checkpoint tells nothing about a projector that is idle; this does: it follows the log, now, and
everything up to a position is handled. Knows no projection.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.utils import timezone

from projections.engine.models import NOTHING_YET, ProjectorPulse
from projections.engine.transactions import read_models_alias, writing

EVERY_SECONDS = 1.0
"""Costs a projector 0.05 ms of CPU each (measured): one row, without a sync of the disk."""

ROW = 1
WRITE = (
    f'INSERT INTO "{ProjectorPulse._meta.db_table}" ("id", "at", "position") '  # noqa: S608
    'VALUES (%s, %s, %s) ON CONFLICT ("id") DO UPDATE '
    'SET "at" = excluded."at", "position" = excluded."position"'
)


class Pulse:
    """Writes the pulse of one projector. To be used by the thread that handles its events."""

    def __init__(self) -> None:
        self._beaten_at = float("-inf")

    def beat(self, position: int | None) -> None:
        """Say that everything up to `position` is handled; at most once a second."""
        now = time.monotonic()
        if now - self._beaten_at < EVERY_SECONDS:
            return
        self._beaten_at = now
        connection = connections[read_models_alias()]
        at = ProjectorPulse._meta.get_field("at").get_db_prep_save(timezone.now(), connection)
        with writing(), connection.cursor() as statement:
            statement.execute(WRITE, (ROW, at, NOTHING_YET if position is None else position))


@dataclass(frozen=True)
class LastPulse:
    """What the projector said last."""

    at: datetime
    position: int

    def age(self, now: datetime) -> float:
        """Seconds since then."""
        return max(0.0, (now - self.at).total_seconds())


def last_pulse() -> LastPulse | None:
    """What the projector said last; None if there never was one."""
    row = ProjectorPulse.objects.filter(pk=ROW).values_list("at", "position").first()
    return None if row is None else LastPulse(*row)

"""What is to happen at a time: a row for each, so that a restart forgets none."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from django.db import models


class Timer(models.Model):
    """The event that started it, and when it is over."""

    event_id = models.UUIDField(unique=True)
    stream = models.CharField(max_length=100)
    due = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["due"]

    def __str__(self) -> str:
        return f"{self.stream} at {self.due:%Y-%m-%d %H:%M:%S}"


class Timers(Protocol):
    """Where timers stand; somewhere durable."""

    def start(self, event_id: UUID, stream: str, due: datetime) -> None:
        """Start one; again is no error."""

    def over(self, now: datetime) -> Sequence[Timer]:
        """Those whose time is over."""

    def later(self, event_id: UUID, due: datetime) -> None:
        """Try one again then."""

    def done(self, event_id: UUID) -> None:
        """Forget one."""


class StoredTimers:
    """The table."""

    def start(self, event_id: UUID, stream: str, due: datetime) -> None:
        """Start one; again is no error."""
        Timer.objects.get_or_create(event_id=event_id, defaults={"stream": stream, "due": due})

    def over(self, now: datetime) -> Sequence[Timer]:
        """Those whose time is over, the longest first."""
        return list(Timer.objects.filter(due__lte=now))

    def later(self, event_id: UUID, due: datetime) -> None:
        """Try one again then."""
        Timer.objects.filter(event_id=event_id).update(due=due)

    def done(self, event_id: UUID) -> None:
        """Forget one."""
        Timer.objects.filter(event_id=event_id).delete()

"""The reactor's position in the log, in a table that outlives it. Knows nothing of reactions."""

from django.db import models

from orders.event_store import Place

NAME = "reactor"


class ReactorCheckpoint(models.Model):
    """How far the reactor has dealt with everything; it never passes an open intention."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField()
    seen = models.BigIntegerField(default=0, help_text="The last event it has looked at.")
    event_id = models.UUIDField(
        null=True, help_text="The event there: a log that has another one there is another log."
    )

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class StoredCheckpoint:
    """One row; several reactors may share it, for each of them sees everything."""

    def load(self) -> Place | None:
        """The event behind which to read on; None before the first time."""
        row = ReactorCheckpoint.objects.filter(name=NAME).first()
        return Place(row.position, row.event_id) if row else None

    def save(self, place: Place) -> None:
        """Move on to an event; never back."""
        values = {"position": place.position, "event_id": place.event_id}
        row, made = ReactorCheckpoint.objects.get_or_create(name=NAME, defaults=values)
        if not made and row.position < place.position:
            ReactorCheckpoint.objects.filter(name=NAME, position__lt=place.position).update(
                **values
            )

    def note_seen(self, position: int) -> None:
        """Note the last event that was looked at, dealt with or not: how far behind the log."""
        ReactorCheckpoint.objects.filter(name=NAME, seen__lt=position).update(seen=position)

    def start_over(self) -> None:
        """Forget the position: the log is an older copy, or another one."""
        ReactorCheckpoint.objects.filter(name=NAME).delete()

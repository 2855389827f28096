"""Where Django finds the tables of the write side: those of the rooms, and two more.

None of it is event sourced: prices are copied into `CoffeeOrdered`, so a menu may change freely;
keys must be able to vanish; the demo terminal stands in for a bank, which has tables of its own.
"""

from django.db import models

import orders.menu.models
import orders.personal_data  # noqa: F401


class ReactorCheckpoint(models.Model):
    """How far the reactor has dealt with everything; it never passes an unanswered intention."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class DemoTerminalCharge(models.Model):
    """What the demo card terminal remembers, as a bank would: one row an idempotency key."""

    key = models.CharField(max_length=80, primary_key=True)
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=120, blank=True)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    refund_of = models.CharField(max_length=80, blank=True)
    asked = models.PositiveIntegerField(default=1, help_text="How often this key was sent")

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"

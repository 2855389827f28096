"""What every row about one order has: whose it is, and the number that people call out.

Knows no single screen.
"""

from typing import ClassVar

from django.db import models

from orders.domain.order_words import shown_number
from projections.engine.read_row import ReadRow


class OrderRow(ReadRow):
    """A row about one order."""

    KEY: ClassVar = ("order",)

    order = models.CharField(max_length=32, help_text="The hexadecimal id of the order.")
    number = models.IntegerField()
    day = models.CharField(max_length=10)
    customer = models.CharField(max_length=64)
    ordered_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def number_text(self) -> str:
        """`041`: the number as people see it."""
        return shown_number(self.number)

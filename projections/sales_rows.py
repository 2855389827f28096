"""The rows about what the shop took: by day, by minute, by item. They know no person.

All amounts are integer cents in the row's currency.
"""

from typing import ClassVar

from django.db import models

from projections.read_row import ReadRow, unique_in_generation


class SalesFigures(ReadRow):
    """The figures of a stretch of time. A new figure belongs in `FIGURES` too: they are summed."""

    FIGURES: ClassVar = (
        "orders",
        "cancelled",
        "served",
        "not_collected",
        "items",
        "ordered",
        "cash",
        "card",
        "card_by_hand",
        "payments",
        "refunded",
        "refunds",
        "written_off",
        "made",
        "on_time",
        "seconds_to_ready",
    )

    currency = models.CharField(max_length=3)
    orders = models.IntegerField(default=0, help_text="Ordered, the cancelled ones included.")
    cancelled = models.IntegerField(default=0)
    served = models.IntegerField(default=0)
    not_collected = models.IntegerField(default=0)
    items = models.IntegerField(default=0, help_text="Ordered and not cancelled.")
    ordered = models.BigIntegerField(default=0, help_text="The price of what was not cancelled.")
    cash = models.BigIntegerField(default=0, help_text="Taken, refunds not subtracted.")
    card = models.BigIntegerField(default=0)
    card_by_hand = models.BigIntegerField(default=0)
    payments = models.IntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    refunds = models.IntegerField(default=0)
    written_off = models.BigIntegerField(default=0)
    made = models.IntegerField(default=0, help_text="Called ready for the first time.")
    on_time = models.IntegerField(default=0, help_text="Of those, within the promise.")
    seconds_to_ready = models.BigIntegerField(default=0, help_text="Of those, all together.")

    class Meta:
        abstract = True

    @property
    def taken(self) -> int:
        """All money taken, refunds not subtracted."""
        return self.cash + self.card + self.card_by_hand

    @property
    def net(self) -> int:
        """What stayed: taken less refunded."""
        return self.taken - self.refunded

    @property
    def mean_seconds_to_ready(self) -> float | None:
        """From order to ready, on average, in seconds; None before the first is ready."""
        return self.seconds_to_ready / self.made if self.made else None

    @property
    def on_time_percent(self) -> int | None:
        """How many of a hundred orders were ready within the promise."""
        return round(100 * self.on_time / self.made) if self.made else None


class SalesOfDay(SalesFigures):
    """What one day brought: orders by the order's day, money by the day it changed hands."""

    KEY: ClassVar = ("day",)

    day = models.CharField(max_length=10, help_text="The shop's day, an ISO date.")

    class Meta:
        verbose_name_plural = "sales of days"
        constraints: ClassVar = [unique_in_generation("sales_of_day", "day")]

    def __str__(self) -> str:
        return self.day


class SalesOfMinute(SalesFigures):
    """What one minute added to its day: a day's figures at any time are the sum up to then.

    An order's day may differ from the day of the clock (an order placed just before midnight and
    served after it), so the minute is a full instant.
    """

    KEY: ClassVar = ("day", "minute")

    day = models.CharField(max_length=10)
    minute = models.DateTimeField(help_text="Its first instant.")
    quantities = models.JSONField(
        default=dict, help_text="item: [name, quantity, amount], cancellations subtracted"
    )

    class Meta:
        verbose_name_plural = "sales of minutes"
        constraints: ClassVar = [unique_in_generation("sales_of_minute", "day", "minute")]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"


class ItemSales(ReadRow):
    """How often one item was ordered on a day, cancelled orders left out."""

    KEY: ClassVar = ("day", "item")

    day = models.CharField(max_length=10)
    item = models.CharField(max_length=100, help_text="The slug on the menu.")
    name = models.CharField(max_length=200)
    quantity = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "item sales"
        constraints: ClassVar = [unique_in_generation("item_sales_of_day", "day", "item")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class SoldOrder(ReadRow):
    """What daily sales has to remember of an order to take it out again, and to time it."""

    KEY: ClassVar = ("order",)

    order = models.CharField(max_length=32)
    day = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    items = models.JSONField(default=list, help_text="item, name, quantity, amount")
    ordered_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [unique_in_generation("sold_order", "order")]

    def __str__(self) -> str:
        return self.order

"""Rows instead of facts: what an order is now, and nothing of how it came to be so."""

import uuid
from typing import Any, ClassVar

from django.db import models


class Item(models.Model):
    """Something on the menu. The price is in cents."""

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    price = models.IntegerField()

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """An order. `form` is the id of the form that placed it: sent twice, it counts once."""

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    form = models.UUIDField(unique=True)
    customer = models.CharField(max_length=32, db_index=True)
    name = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)
    pay = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="queued", db_index=True)
    total = models.IntegerField()
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["placed_at"]

    def __str__(self) -> str:
        return str(self.id)


class Line(models.Model):
    """One line of an order, with the price of that moment."""

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    quantity = models.IntegerField()
    unit_price = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item}"

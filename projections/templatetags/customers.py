"""The name of a customer on pages of the write side, which need neither the log nor it."""

from uuid import UUID

from django import template
from django.db import DatabaseError

from projections.screens import directory

register = template.Library()


@register.simple_tag
def customer_name(customer: UUID | None) -> str:
    """The registered name; "" for a guest, a stranger, or while the read models are away."""
    try:
        return "" if customer is None else directory.name_of_customer(customer.hex)
    except DatabaseError:
        return ""

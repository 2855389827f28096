"""How amounts and order numbers are written on every screen. Calculates nothing."""

from django import template

from orders.domain import money as money_in

register = template.Library()


@register.filter
def money(cents: int, currency: str) -> str:
    """`€5.20` for 520 cents of EUR."""
    return money_in.in_words(cents, currency)


@register.filter
def spoken_number(number: int) -> str:
    """An order number as it is called out and shown: at least three digits, `041`."""
    return f"{number:03d}"

"""The addresses of the buttons on a card. Knows no single button."""

from functools import cache

from django import template
from django.urls import reverse

register = template.Library()

ANY_ORDER = "0" * 32


@register.simple_tag
def place_url(order: str) -> str:
    """Where an order is held or put first; as quick as `button_url`."""
    return f"{_place()}?order={order}"


@cache
def _place() -> str:
    return reverse("bar_place")


@register.simple_tag
def button_url(name: str, order: str, action: str) -> str:
    """Where a button is sent: `{% button_url 'bar_action' ticket.order 'take' %}`.

    A card has up to ten and is drawn at each change: with `{% url %}`, a third of the time to draw
    it goes into its addresses.
    """
    return _of_any_order(name, action).replace(ANY_ORDER, order)


@cache
def _of_any_order(name: str, action: str) -> str:
    return reverse(name, args=(ANY_ORDER, action))

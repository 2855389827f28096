"""The addresses of the buttons on a card. Knows no single button."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import template
from django.urls import reverse

register = template.Library()

ANY_ORDER = "0" * 32
ANY_ITEM = "any-item"


@register.simple_tag
def place_url(order: str) -> str:
    """Where an order is held or put first; as quick as `button_url`."""
    return f"{_place()}?order={order}"


@cache
def _place() -> str:
    return reverse("bar_place")


@register.simple_tag
def about_url(order: str, line: Mapping[str, Any]) -> str:
    """The recipe of a line, and its switches for what has run out; as quick as `button_url`."""
    choices = ",".join(dict.fromkeys(line.get("choices", ())))
    return f"{_about().replace(ANY_ITEM, line['item'])}?order={order}&with={choices}"


@cache
def _about() -> str:
    return reverse("about_item", args=(ANY_ITEM,))


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

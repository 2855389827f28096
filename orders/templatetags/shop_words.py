"""How amounts and places are written on every screen. Calculates nothing.

Fragments are also rendered where no request is: what they need stands here, not in a context
processor.
"""

from django import template
from django.conf import settings

from orders import terminal
from orders.domain import money as money_in

register = template.Library()


@register.filter
def money(cents: int, currency: str) -> str:
    """`€5.20` for 520 cents of EUR."""
    return money_in.in_words(cents, currency)


@register.simple_tag
def serving_desk() -> str:
    """Where ready orders wait: "the end of the bar"."""
    return str(settings.SERVING_DESK_NAME)


@register.simple_tag
def takes_cards() -> bool:
    """Whether this shop's pages take cards."""
    return terminal.takes_cards()


@register.simple_tag
def demo_cards() -> tuple[tuple[str, str], ...]:
    """The cards of the demo terminal with their words; none where the terminal is a real one."""
    return terminal.cards_for_page()

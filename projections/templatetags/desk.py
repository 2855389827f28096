"""How the till lays out money: which notes pay a sum, which colour a row has. Decides nothing."""

from django import template
from django.conf import settings

from projections.screens.cashier_desk import DeskBalance

register = template.Library()

NOTES = (500, 1000, 2000, 5000)
"""The notes people hand over, in cents."""


@register.filter
def stage(balance: DeskBalance) -> str:
    """Which colour the row has: `alarm`, `back`, `collect`, `hand-over`, `declined` or `open`."""
    if balance.is_alarm:
        return "alarm"
    if balance.owed:
        return "back"
    if balance.decline_reason and balance.due:
        return "declined"
    if balance.is_ready:
        return "collect" if balance.due else "hand-over"
    return "open"


@register.filter
def amount(cents: int) -> str:
    """`5.20`: an amount as a form field takes it."""
    return f"{cents // 100}.{cents % 100:02d}"


@register.filter
def notes_for(due: int) -> list[int]:
    """The notes with which somebody may pay so much."""
    return [note for note in NOTES if note >= due]


@register.filter
def line_total(line: dict[str, int]) -> int:
    """The price of one line, in cents."""
    return line["unit_price"] * line["quantity"]


@register.simple_tag
def card_terminal() -> str:
    """Which card terminal the shop has: `demo`, or `none`."""
    return str(settings.PAYMENT_GATEWAY)

"""How a ticket is laid out so that it can be read from two metres. Decides nothing about orders."""

import re
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext_noop

from orders.domain.events import BringBackReason, RushReason

register = template.Library()

_ALLERGY = re.compile(r"allerg|intoleran|coeliac|celiac|anaphyla|epi-?pen", re.IGNORECASE)

_ALLERGY_WORD = re.compile(r"^\s*allerg\w*\s*[:!–-]\s*", re.IGNORECASE)

_COUNT = re.compile(r"^\d+ × ")

_KINDS = {"NO": "without", "WITHOUT": "without", "EXTRA": "extra", "SUB": "instead"}


@register.filter
def option_kind(option: str) -> str:
    """The class of an option in the bar's words: `NO sugar` is `without`."""
    first = _COUNT.sub("", option).split(" ", 1)[0]
    if first.startswith("+"):
        return "extra"
    return _KINDS.get(first, "plain-option")


@register.simple_tag
def remake_reasons() -> list[tuple[str, str]]:
    """Why something is made again, and how the bar's button says it."""
    return [
        (BringBackReason.WRONG.value, "Wrong"),
        (BringBackReason.SPILLED.value, "Spilled"),
        (BringBackReason.TAKEN.value, "Taken by somebody"),
        (BringBackReason.QUALITY.value, "Not good"),
    ]


@register.simple_tag
def hold_reasons() -> tuple[str, ...]:
    """Why the bar waits with an order. The customer reads it, in their own language."""
    return (
        gettext_noop("the customer is on the way"),
        gettext_noop("the customer asked"),
        gettext_noop("something is missing"),
    )


@register.simple_tag
def rush_reasons() -> list[str]:
    """Why an order goes before those that came earlier."""
    return [reason.value for reason in RushReason]


@register.simple_tag
def changed_until(ticket: Any, history: Any) -> datetime | None:
    """Until when a card shows what its customer changed; None when that is over."""
    until: datetime | None = ticket.changed_until
    now = history.moment if history else timezone.now()
    return until if until is not None and now < until else None


@register.filter
def is_allergy(note: str) -> bool:
    """Whether a note speaks of something that can hurt somebody."""
    return _ALLERGY.search(note) is not None


@register.filter
def after_allergy_word(note: str) -> str:
    """The note without a leading "Allergy:", which the strip says anyway."""
    return _ALLERGY_WORD.sub("", note)


@register.filter
def minutes(seconds: float | None) -> str:
    """`2:50` for 170 seconds; empty for none."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"

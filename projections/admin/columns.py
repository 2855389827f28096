"""How people read a value of a row: order numbers, names of the staff, money, words, local times.

Knows no single table: a column is said by its name and its type.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.domain.money import in_words
from orders.domain.order_words import shown_number
from orders.domain.streams import CUSTOMER, ORDER
from staff.names import name_of

NOTHING = "–"

ACTORS = {"barista", "decided_by"}
IDS = {"order": f"{ORDER}-{{}}", "customer": f"{CUSTOMER}-{{}}", "stream": "{}"}
"""Columns that name a stream, and how that is called."""

WORDS = {"state", "progress", "money", "channel", "ending", "brought_back", "kind", "rush"}
MONEY = {
    *("total", "due", "paid", "refunded", "written_off", "owed", "back_now"),
    *("ordered", "cash", "card", "card_by_hand", "amount"),
}
SECONDS = {"seconds", "first_seconds", "promised_seconds", "seconds_to_ready"}

Column = Callable[[Any], str | SafeString]


def column(model: type[models.Model], name: str) -> Column:
    """What the lists and pages of a model show of its column."""
    field: Any = model._meta.get_field(name)

    @admin.display(description=field.verbose_name, ordering=name)
    def shown(row: Any) -> str | SafeString:
        return value_in_words(row, field)

    shown.__name__ = name
    return shown


def value_in_words(row: Any, field: "models.Field[Any, Any]") -> str | SafeString:
    """The value of one column, for people to read."""
    value, name = getattr(row, field.attname), field.name
    if value is None or value == "":
        return NOTHING
    match field:
        case models.BooleanField():
            return "yes" if value else "no"
        case models.JSONField():
            text = json.dumps(value, indent=2, ensure_ascii=False)
            return format_html(
                '<pre tabindex="0" aria-label="{}">{}</pre>', field.verbose_name, text
            )
        case models.DateTimeField():
            return clock(value)
        case models.BigIntegerField() | models.IntegerField() if name in MONEY:
            return in_words(value, getattr(row, "currency", "") or settings.CURRENCY)
    if name == "number":
        return shown_number(value)
    if name in SECONDS:
        return f"{value:,.0f} s"
    return _text(name, value)


def _text(name: str, value: Any) -> str | SafeString:
    if name in ACTORS:
        return name_of(str(value))
    if name in IDS:
        return link_to_facts(IDS[name].format(value), str(value))
    if name in WORDS:
        return str(value).replace("_", " ").capitalize()
    return str(value)


def clock(moment: datetime) -> str:
    """A moment on the shop's clock: `28 Nov 2026 11:05:09`."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y %H:%M:%S}"


def link_to_facts(stream: str, words: str) -> SafeString:
    """A link to the page of a stream."""
    return format_html('<a href="{}">{}</a>', reverse("stream", args=(stream,)), words)

"""How amounts and places are written on every screen. Calculates nothing.

Fragments are also rendered where no request is: what they need stands here, not in a context
processor.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_info

from orders import languages, links, wait
from orders.domain.event import FORGOTTEN
from orders.domain.events import Line, StockKind
from orders.domain.shop_settings import Value
from orders.domain.wait import Wait
from orders.menu.cache import menu
from orders.opening import ClosedUntil, closed_at
from orders.payments import terminal
from orders.shop_state import known_revision, shop_as_known, shop_now

register = template.Library()

BAR_WORDS = {"SUB ": "", "EXTRA ": "extra ", "NO ": "no ", "LIGHT ": "light ", "WARM": "warm"}
"""How the bar's words for options are written for a customer."""


@register.filter
def money(cents: int, currency: str) -> str:
    """`€5.20` for 520 cents of EUR, as the language of the page writes it."""
    return languages.money(cents, currency)


@register.simple_tag
def spoken_languages() -> list[dict[str, Any]]:
    """The languages of the switch, each with its `code` and its own name (`name_local`)."""
    return [dict(get_language_info(code)) for code, _ in settings.LANGUAGES]


@register.filter
def surcharge(cents: int, currency: str) -> str:
    """`+€0.60` for 60 cents more."""
    return languages.money(cents, currency, plus="+")


@register.filter
def translated(text: str) -> str:
    """The domain's words, or what the menu calls something, in the language of the page."""
    return languages.translated(text)


@register.filter
def each_translated(listed: str) -> str:
    """Things in a row, like "nuts, milk", each in the language of the page."""
    return languages.listed(listed.split(", "))


@register.filter
def is_end_of_day(moment: datetime) -> bool:
    """Whether nothing is left of the day then: what ends with it ends in its last minute."""
    return timezone.localtime(moment + timedelta(minutes=1)).time() < time(0, 2)


@register.simple_tag
def list_mark() -> str:
    """What stands between the things of a list: ", " in English."""
    return languages.list_mark()


@register.filter
def still_known(words: str) -> str:
    """A customer's own words; nothing once they are forgotten."""
    return "" if words == FORGOTTEN else words


@register.simple_tag
def serving_desk() -> str:
    """Where ready orders wait: "the end of the bar"."""
    return languages.translated(settings.SERVING_DESK_NAME)


@register.simple_tag
def wait_now() -> Wait:
    """How long something small would take, ordered now."""
    return wait.wait_now()


@register.simple_tag
def closed_now() -> ClosedUntil | None:
    """That no orders are taken from the web, and until when; None while they are."""
    return closed_at(timezone.now())


@register.simple_tag
def shop_revision() -> int:
    """How many facts about the shop this page knows; -1: none. To compare with the news."""
    shop_now()
    return known_revision()


@register.simple_tag
def bar_takes_on() -> str:
    """What the bar has asked for just now, like `+5 min until 11:30`; empty for the usual pace."""
    shop, now = shop_now(), timezone.now()
    words = []
    if shop.slow_until is not None and shop.extra_at(now):
        words.append(f"+{shop.extra_minutes} min until {_clock(shop.slow_until)}")
    if shop.paused_until is not None and shop.is_paused(now):
        words.append(f"web paused until {_clock(shop.paused_until)}")
    return " · ".join(words)


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


@register.simple_tag
def shop_setting(name: str) -> Value:
    """What the shop chose."""
    return shop_as_known().setting(name)


class Gone(NamedTuple):
    """Something that has run out: `item:bagel` or `option:oat-milk`, its name, and until when."""

    key: str
    name: str
    until: datetime | None


@register.simple_tag
def sold_out_now() -> list[Gone]:
    """All that has run out."""
    shop, now = shop_now(), timezone.now()
    items = [item for section in menu().sections for item in section.items]
    names = {(StockKind.ITEM, item.slug): item.name for item in items}
    choices = (choice for item in items for group in item.groups for choice in group.choices)
    names |= {(StockKind.OPTION, choice.slug): choice.name for choice in choices}
    return [
        Gone(f"{kind}:{slug}", names.get((kind, slug), slug), until)
        for (kind, slug), until in shop.sold_out.items()
        if shop.is_sold_out(kind, slug, now)
    ]


@register.simple_tag
def run_out_of(lines: Iterable[Line]) -> list[str]:
    """What of these lines has run out, by name."""
    if not shop_now().sold_out:
        return []
    gone = {thing.key: thing.name for thing in sold_out_now()}
    needed = dict.fromkeys(key for line in lines for key in needs_of(line.item, line.choices))
    return [gone[key] for key in needed if key in gone]


def needs_of(item: str, choices: Iterable[str]) -> list[str]:
    """What a line is made of, in the words of `Gone.key`."""
    return [f"{StockKind.ITEM}:{item}", *(f"{StockKind.OPTION}:{slug}" for slug in choices)]


@register.filter
def needs(lines: Iterable[Mapping[str, Any]]) -> str:
    """What the lines of a card that are not made yet are made of, once each, with spaces."""
    keys = (
        key
        for line in lines
        if not line["ticked"]
        for key in needs_of(line["item"], line.get("choices", ()))
    )
    return " ".join(dict.fromkeys(keys))


@register.simple_tag
def gone_of(needed: str) -> str:
    """What of that a card has to say is gone, as it was known a moment ago.

    Without the menu, which is not at hand wherever a card is drawn: the page's script knows names.
    """
    shop = shop_as_known()
    if not shop.sold_out:
        return ""
    now = timezone.now()
    found = []
    for key in needed.split():
        kind, _, slug = key.partition(":")
        if shop.is_sold_out(StockKind(kind), slug, now):
            found.append(slug.replace("-", " "))
    return ", ".join(found)


@register.simple_tag
def takes_cards() -> bool:
    """Whether this shop's pages take cards."""
    return terminal.takes_cards()


@register.simple_tag
def demo_cards() -> tuple[tuple[str, str], ...]:
    """The cards of the demo terminal with their words; none where the terminal is a real one."""
    return terminal.cards_for_page()


@register.filter
def check_digits(order: str) -> str:
    """The two digits that show who an order belongs to (its hexadecimal id)."""
    return links.check_digits(order)


@register.filter
def fit_for_the_board(name: str) -> str:
    """A name, unless it has a word in it that the shop keeps off its public screens."""
    kept_off = shop_as_known().words("words_kept_off")
    return "" if any(word.casefold() in name.casefold() for word in kept_off) else name


@register.filter
def in_customers_words(options: Iterable[str]) -> list[str]:
    """Options in a customer's words and language: "oat milk" for the bar's "SUB oat milk"."""
    counted = (option.rpartition(" × ") for option in options)
    return [count + times + languages.translated(gentle(word)) for count, times, word in counted]


def gentle(option: str) -> str:
    """The bar's words for an option as a customer would say them, in English."""
    for loud, said in BAR_WORDS.items():
        option = option.replace(loud, said)
    return option

"""In which language a request is answered, and how words and money are said in it.

The customer's pages speak theirs: what they chose here, else what their browser prefers. The
staff's speak English. The public board speaks the shop's, or what its address asks for. The
domain's words are English (`orders.domain.words`); they are said in the active language here.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import (
    get_language,
    get_language_bidi,
    get_language_from_request,
    gettext,
    ngettext,
)

from orders.domain.money import SYMBOLS, Amount, in_words
from orders.domain.shop import Shop
from orders.domain.words import Words

STAFF_PATHS = ("/bar/", "/till/", "/manage/", "/staff/", "/inspect/", "/metrics", "/api/try/")
BOARD_PATH = "/board/"

LEFT_TO_RIGHT_MARK, FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u200e", "\u2068", "\u2069"

MONEY = {
    "de": (",", "{sign}{amount}\u00a0{symbol}"),
    "ar": (".", "\u200f{sign}{amount}\u00a0{symbol}"),
}
"""The decimal mark, and where the symbol stands, as CLDR has it; English is the domain's own."""

LIST_MARKS = {"ar": "، "}
"""What stands between things in a row, where it is not a comma."""


def known_language(code: str) -> str:
    """The code if the shop speaks that language, else English."""
    return code if code in dict(settings.LANGUAGES) else "en"


def language_of(request: HttpRequest, shop: Callable[[], Shop]) -> str:
    """The code of the language in which this request is answered.

    `shop` tells what the shop chose: `shop_now`, or `shop_as_known` where nobody may wait for the
    log.
    """
    if request.path.startswith(STAFF_PATHS):
        return "en"
    if request.path.startswith(BOARD_PATH):
        asked = request.GET.get("lang")
        return known_language(asked or shop().choice("board_language"))
    return get_language_from_request(request)


def money(cents: int, currency: str, *, plus: str = "") -> str:
    """An amount as the active language writes it: `€5.20`, `5,20 €`; a surcharge with a `plus`."""
    style = MONEY.get(get_language() or "")
    if style is None:
        return plus + in_words(cents, currency)
    sign = "-" if cents < 0 else plus
    if sign and get_language_bidi():
        sign = LEFT_TO_RIGHT_MARK + sign  # keeps it before the number
    mark, pattern = style
    whole, rest = divmod(abs(cents), 100)
    return pattern.format(
        sign=sign,
        amount=f"{whole}{mark}{rest:02d}",
        symbol=SYMBOLS.get(currency, currency).strip(),
    )


def translated(text: str) -> str:
    """The text in the active language: the domain's words, or any text that a catalogue has.

    What no catalogue has stays as it is: what people wrote, and what the owner calls things.
    """
    if (get_language() or "en") == "en":
        return text
    if isinstance(text, Amount):
        return money(text.cents, text.currency)
    if not isinstance(text, Words):
        return gettext(text) if text else text
    if text.plural:
        pattern = ngettext(text.pattern, text.plural, text.number)
    else:
        pattern = gettext(text.pattern)
    return (
        pattern % {name: _part(part) for name, part in text.parts.items()}
        if text.parts
        else pattern
    )


def _part(part: object) -> object:
    if isinstance(part, Words | Amount):
        return translated(part)
    return isolated(part) if isinstance(part, str) else part


def listed(words: Iterable[str]) -> str:
    """Several things in a row, each in the active language."""
    return list_mark().join(map(translated, words))


def list_mark() -> str:
    """What stands between the things of a list, in the active language."""
    return LIST_MARKS.get(get_language() or "", ", ")


def isolated(text: str) -> str:
    """Somebody's own words, kept from turning the words around them where people read leftwards."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if text and get_language_bidi() else text

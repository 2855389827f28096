"""What somebody wants before it is an order: kept in a signed cookie, never on the server.

A basket knows what was chosen, in slugs and quantities. Names and prices come from the menu each
time they are shown or ordered, so that nothing a browser keeps can change a price.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from orders.customers.guests import cookie_name
from orders.domain.limits import MOST_OF_A_LINE
from orders.menu.card import Selection

MOST_BASKET_LINES = 20
REMEMBERED_ADDS = 20
LARGEST_COOKIE = 3800
"""Bytes; browsers keep cookies of 4,096 with their name and attributes."""

ORDER, REPLACES = "order", "replaces"
"""In the draft of an order that is changed: which one, and which change of it was looked at."""

ONE_DAY = 24 * 3600


@dataclass(frozen=True)
class BasketLine:
    """One line of a basket. `n` names it while the basket lives; it is no position."""

    n: int
    selection: Selection

    @property
    def quantity(self) -> int:
        """How many of it."""
        return self.selection.quantity

    def with_quantity(self, quantity: int) -> "BasketLine":
        """The same line, that many of it; never more than a line may hold."""
        bounded = min(MOST_OF_A_LINE, quantity)
        return replace(self, selection=msgspec.structs.replace(self.selection, quantity=bounded))


@dataclass(frozen=True)
class Basket:
    """The lines, what was already typed at the checkout, and the last few additions."""

    lines: tuple[BasketLine, ...] = ()
    draft: Mapping[str, str] = field(default_factory=dict)
    adds: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many things, all lines together."""
        return sum(line.quantity for line in self.lines)

    def with_line(self, selection: Selection, add_id: str = "") -> "Basket":
        """One more line; the same again only raises its quantity, the same click nothing.

        `add_id` is the id of the form that was sent. A full basket stays as it is.
        """
        short = add_id[:8]
        if short and short in self.adds:
            return self
        adds = (*self.adds, short)[-REMEMBERED_ADDS:] if short else self.adds
        for line in self.lines:
            if line.with_quantity(selection.quantity).selection == selection:
                more = line.quantity + selection.quantity
                return replace(self.with_quantity(line.n, more), adds=adds)
        if len(self.lines) >= MOST_BASKET_LINES:
            return self
        n = max((line.n for line in self.lines), default=0) + 1
        return replace(self, lines=(*self.lines, BasketLine(n, selection)), adds=adds)

    def with_lines_of(self, other: "Basket", add_id: str) -> "Basket":
        """With all lines of another basket, too; the same click twice adds nothing."""
        basket = self
        for number, line in enumerate(other.lines):
            basket = basket.with_line(line.selection, add_id=f"{number:02d}{add_id}")
        return basket

    def with_selection(self, n: int, selection: Selection) -> "Basket":
        """With something else in place of one line."""
        lines = (BasketLine(n, selection) if line.n == n else line for line in self.lines)
        return replace(self, lines=tuple(lines))

    def with_quantity(self, n: int, quantity: int) -> "Basket":
        """That many of one line; none of it takes it out."""
        if quantity < 1:
            return self.without(n)
        lines = tuple(line.with_quantity(quantity) if line.n == n else line for line in self.lines)
        return replace(self, lines=lines)

    def without(self, n: int) -> "Basket":
        """The basket without one line; a line that is not there is no error."""
        return replace(self, lines=tuple(line for line in self.lines if line.n != n))


@dataclass(frozen=True)
class BasketCookie:
    """One kind of basket. Each kind has its own cookie: the till's never mixes with a guest's."""

    name: str
    kept_seconds: int = ONE_DAY

    def read(self, request: HttpRequest) -> Basket:
        """The basket of this browser; an empty one for a cookie that is not ours."""
        try:
            stored = signing.loads(
                request.COOKIES.get(cookie_name(self.name), ""),
                salt=self.name,
                max_age=self.kept_seconds,
            )
            return _basket(stored)
        except (signing.BadSignature, ValueError, TypeError, KeyError):
            return Basket()

    def write(self, response: HttpResponseBase, basket: Basket) -> None:
        """Keep the basket in this browser for a while; an empty one takes the cookie away."""
        if not basket.lines and not basket.draft and not basket.adds:
            self.clear(response)
            return
        value = self._signed(basket)
        if len(value) > LARGEST_COOKIE:
            value = self._signed(_without_words(basket))
        response.set_cookie(
            cookie_name(self.name),
            value,
            max_age=self.kept_seconds,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )

    def holds(self, basket: Basket) -> bool:
        """Whether a browser keeps a basket of that size; a larger one it drops without a word."""
        return len(self._signed(_without_words(basket))) <= LARGEST_COOKIE

    def _signed(self, basket: Basket) -> str:
        return signing.dumps(_plain(basket), salt=self.name, compress=True)

    def clear(self, response: HttpResponseBase) -> None:
        """Take the basket away."""
        response.delete_cookie(cookie_name(self.name), samesite="Lax")


GUEST_BASKET = BasketCookie("basket")
COUNTER_BASKET = BasketCookie("counter")
CHANGE_BASKET = BasketCookie("change")
"""An order that its customer changes, until it is sent again."""

USUAL_BASKET = BasketCookie("usual", kept_seconds=180 * ONE_DAY)
"""What was ordered last on this device, and for whom: on the device alone, without an account."""


def _without_words(basket: Basket) -> Basket:
    """What cannot be typed again."""
    kept = {key: basket.draft[key] for key in (ORDER, REPLACES) if key in basket.draft}
    return replace(basket, draft=kept)


def _plain(basket: Basket) -> dict[str, Any]:
    lines = [[line.n, *msgspec.structs.astuple(line.selection)] for line in basket.lines]
    return {"w": lines, "d": dict(basket.draft), "a": list(basket.adds)}


def _basket(stored: Any) -> Basket:
    lines = tuple(BasketLine(int(n), Selection(*chosen)) for n, *chosen in stored["w"])
    return Basket(lines, dict(stored["d"]), tuple(stored["a"]))

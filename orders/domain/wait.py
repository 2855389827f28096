"""How long an order takes, from the work before it and from who is there to do it.

A range, because nobody knows it to the second: at best the work takes as long as it usually did,
and nine times in ten no more than half as long again. The upper end is what is promised.
"""

from dataclasses import dataclass
from math import ceil

from orders.domain.words import Words

SPREAD = 1.5
"""From the usual to what nine orders in ten keep: a start, until it is learned as the pace is."""


@dataclass(frozen=True)
class Wait:
    """A range of whole minutes; `is_long` is more than the shop promises when it is calm."""

    least: int
    most: int
    is_long: bool = False

    @property
    def promised_seconds(self) -> int:
        """What the shop promises: the upper end."""
        return self.most * 60

    def later(self, minutes: int) -> "Wait":
        """The same, so many minutes later."""
        if not minutes:
            return self
        return Wait(self.least + minutes, self.most + minutes, is_long=True)

    @property
    def words(self) -> Words:
        """The range as people read it."""
        if self.least < self.most:
            return Words(
                "%(least)s–%(number)s min",
                plural="%(least)s–%(number)s min",
                number=self.most,
                least=self.least,
            )
        return Words("%(number)s min", plural="%(number)s min", number=self.most)

    def __str__(self) -> str:
        return self.words


def wait_of(before: float, own: float, baristas: int, promise: int) -> Wait:
    """The wait for an order with so many seconds of work `before` it and `own` ones.

    Those before it are shared by the baristas, its own are one barista's. `promise` is the least
    that the shop promises, in seconds.
    """
    usual = before / max(1, baristas) + own
    most = max(promise, SPREAD * usual)
    least = min(ceil(most / 60), max(1, round(usual / 60)))
    return Wait(least, ceil(most / 60), most > promise)

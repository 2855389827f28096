"""The arithmetic of token buckets, and how a limit is written in the environment.

A bucket holds at most so many tokens and is refilled all the time; a request takes one. Knows no
request, no address and no clock: the time is an argument, in seconds of any clock that only grows.
"""

import re
from dataclasses import dataclass

SECONDS = {"s": 1, "min": 60, "h": 3600}
EXAMPLE = "60 then 2/s, in total 300 then 10/s"

_RATE = r"(\d{1,6}) then (\d{1,6})/(s|min|h)"
_LIMIT = re.compile(rf"{_RATE}, in total {_RATE}", re.ASCII)


class NoLimit(ValueError):
    """A text that is no limit."""


@dataclass(frozen=True)
class Rate:
    """What one bucket allows: so many at once, and so many a second in the long run."""

    at_once: int
    per_second: float

    def tokens(self, held: float, seconds: float) -> float:
        """What a bucket holds that held so many tokens so many seconds ago."""
        return min(self.at_once, held + max(0.0, seconds) * self.per_second)

    def wait(self, held: float) -> float:
        """Seconds until a bucket that holds so many tokens has a whole one; 0 if it has."""
        return max(0.0, (1 - held) / self.per_second)


@dataclass(frozen=True)
class Limit:
    """What a kind of request may cost: to each address, and in total."""

    per_address: Rate
    in_total: Rate


@dataclass(frozen=True)
class Bucket:
    """How many tokens there were at a time."""

    tokens: float
    at: float


def limit_in(text: str) -> Limit | None:
    """The limit that is written like `EXAMPLE`; None for `off`. Raises `NoLimit`."""
    if text == "off":
        return None
    found = _LIMIT.fullmatch(" ".join(text.split()))
    if found is None:
        raise NoLimit(text)
    return Limit(_rate(*found.groups()[:3]), _rate(*found.groups()[3:]))


def _rate(at_once: str, times: str, unit: str) -> Rate:
    if int(at_once) == 0 or int(times) == 0:
        raise NoLimit(f"{at_once} then {times}/{unit}")
    return Rate(int(at_once), int(times) / SECONDS[unit])

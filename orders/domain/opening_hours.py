"""When the shop is open: a week, and the days that are different, as a few entries of text.

`mon-fri 07:00-19:00` · `sat 09:00-02:00` (past midnight) · `08:00-18:00` (every day) ·
`2026-12-25 closed` · `2026-12-24 07:00-14:00`. A date is stronger than a day of the week; a day
that no entry names is closed. No entry at all: always open. Times are those of the shop's clock.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from orders.domain.refused import BadInput

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"

ENTRY = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d)\s+|(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?\s+)?"
    r"(?:closed|(?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d))",
    re.ASCII,
)


class Hours(NamedTuple):
    """One entry. `opens` None: closed all day."""

    days: frozenset[int]
    only_on: date | None
    opens: time | None
    closes: time

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when it is open that began on this day; None: not at all."""
        if self.opens is None:
            return None
        opens, closes = datetime.combine(day, self.opens), datetime.combine(day, self.closes)
        return opens, closes if closes > opens else closes + timedelta(days=1)


@lru_cache(maxsize=200)
def hours_in(entry: str) -> Hours:
    """What an entry means. Raises `BadInput`."""
    found = ENTRY.fullmatch(entry)
    try:
        if found is None:
            raise ValueError(entry)
        named = date.fromisoformat(found["date"]) if found["date"] else None
        days = frozenset[int]() if named else _days(found["first"], found["last"])
        opens = time.fromisoformat(found["opens"]) if found["opens"] else None
        return Hours(days, named, opens, time.fromisoformat(found["closes"] or "00:00"))
    except ValueError:
        raise BadInput(
            "Opening hours: like “mon-fri 07:00-19:00”, “sat 09:00-17:00” or “2026-12-25 closed”."
        ) from None


def opens_next(entries: Iterable[str], after: datetime) -> datetime | None:
    """When it opens next; None: not within a week, or it never closes."""
    week = [hours_in(entry) for entry in entries]
    days = (after.date() + timedelta(days=ahead) for ahead in range(8))
    spans = (hours.span(day) for day in days for hours in _of_day(week, day))
    return min((span[0] for span in spans if span is not None and span[0] > after), default=None)


def is_open(entries: Iterable[str], at: datetime, before_closing: int = 0) -> bool:
    """Whether it is open at a time of the shop's clock, and so many minutes longer."""
    week = [hours_in(entry) for entry in entries]
    if not week:
        return True
    until = at + timedelta(minutes=before_closing)
    spans = (
        hours.span(day)
        for day in (at.date() - timedelta(days=1), at.date())
        for hours in _of_day(week, day)
    )
    return any(span is not None and span[0] <= at and until <= span[1] for span in spans)


def _of_day(week: list[Hours], day: date) -> list[Hours]:
    different = [hours for hours in week if hours.only_on == day]
    return different or [hours for hours in week if day.weekday() in hours.days]


def _days(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    begin = WEEKDAYS.index(first)
    count = (WEEKDAYS.index(last or first) - begin) % 7 + 1
    return frozenset((begin + day) % 7 for day in range(count))

"""A year, a month or a day of the shop, as an address names it: `2026`, `2026-11`, `2026-11-28`.

Knows no table.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

WRITTEN = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1970, 9000


@dataclass(frozen=True)
class Period:
    """From the beginning of `first` up to the beginning of `after`, on the shop's clock."""

    text: str
    first: date
    after: date

    @property
    def begins_at(self) -> datetime:
        """Its first instant."""
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def ends_at(self) -> datetime:
        """The first instant behind it."""
        return timezone.make_aware(datetime.combine(self.after, time.min))

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The first one, and the one behind the last."""
        return self.begins_at, self.ends_at


def period_in(text: str) -> Period | None:
    """The period that is written so; None for anything else."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        return None
    if day:
        after = first + timedelta(days=1)
    elif month:
        after = (first + timedelta(days=32)).replace(day=1)
    else:
        after = first.replace(year=first.year + 1)
    return Period(text, first, after)


def parts_of(period: Period | None, first: date, last: date) -> list[Period]:
    """The years from `first` to `last`, the months of a year or the days of a month of those.

    Nothing is smaller than a day.
    """
    texts: list[str]
    if period is None:
        texts = [f"{year:04d}" for year in range(first.year, last.year + 1)]
    elif len(period.text) == len("2026"):
        texts = [f"{period.text}-{month:02d}" for month in range(1, 13)]
    elif len(period.text) == len("2026-11"):
        texts = [f"{period.text}-{day:02d}" for day in range(1, 32)]
    else:
        texts = []
    found = [part for text in texts if (part := period_in(text)) is not None]
    return [part for part in found if part.first <= last and part.after > first]

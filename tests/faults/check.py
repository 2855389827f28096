"""A check of the fault suite: what is done to a running shop how often, and what has to hold.

The pytest tests and the report run the same checks; only their counts differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.shop import Shop

Progress = Callable[[float], None]
"""Told how much of the count is done."""


@dataclass(frozen=True)
class Figure:
    """What came out, in words; whether the goal was reached. None: it cannot be run here."""

    text: str
    held: bool | None


Run = Callable[[Shop, int, Progress], Figure]
"""Breaks the shop so many times, and says what came of it."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One row of the report. `short` is the count in the short form, 0 to leave it out there."""

    name: str
    goal: str
    run: Run
    full: int
    short: int = 0
    fault: str = ""  # its number in the table of faults, T1 to T20
    environment: Mapping[str, str] = field(default_factory=dict)
    needs_own_shop: bool = False  # it leaves the shop unlike others'
    starts_shop: bool = True  # False: `run` gets a shop that is closed
    is_audited: bool = True  # False: it spoils the log on purpose, and looks at it itself


def no_progress(_done: float) -> None:
    """For who does not want to know."""

"""What the people of a rush do besides ordering, making and paying: how often, and why so often.

One table. To have somebody do something more is one entry here, with what is done
(`rush/second_thoughts.py` for customers, `rush/at_the_bar.py` and `rush/at_the_till.py` for the
staff). A share without a source is an assumption, and says so.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rush import at_the_bar, at_the_till, second_thoughts


@dataclass(frozen=True)
class Habit:
    """Something that some people do.

    `share` is of the orders of which `when` comes true: for customers the form that their page
    offers, for the staff a form of the order's card. `act` is a coroutine function of the person
    and of the order or its card.
    """

    name: str
    share: float
    when: str
    act: Callable[[Any, Any], Any]
    because: str


CUSTOMERS: tuple[Habit, ...] = (
    Habit(
        "cancel",
        0.03,
        "cancel",
        second_thoughts.cancel,
        "assumption: one in thirty thinks again while nobody has started",
    ),
    Habit(
        "change the order",
        0.03,
        "cancel",
        second_thoughts.change,
        "assumption: as often as people cancel; a wrong milk is noticed right after the tap",
    ),
    Habit(
        "ask to stop",
        0.02,
        "stop",
        second_thoughts.ask_to_stop,
        "assumption: fewer than cancel, since most who think again do so at once",
    ),
    Habit(
        "say “I've got it”",
        0.25,
        "got-it",
        second_thoughts.got_it,
        "assumption: a quarter has the page open at the counter; to the rest it is handed over",
    ),
)
"""At most one of them for each order."""

BARISTAS: tuple[Habit, ...] = (
    Habit(
        "hold",
        0.03,
        "take",
        at_the_bar.hold,
        "assumption: drinks for people who are not there yet are what gets cold at bars",
    ),
    Habit(
        "rush",
        0.02,
        "take",
        at_the_bar.put_first,
        "two at a time are allowed; more often it would be no rush",
    ),
    Habit(
        "make it from the list of drinks",
        0.1,
        "take",
        at_the_bar.make_from_the_drinks,
        "assumption: one in ten stands where equal drinks are made together",
    ),
    Habit(
        "release",
        0.01,
        "release",
        at_the_bar.release,
        "assumption: somebody is called away once in a hundred orders",
    ),
    Habit(
        "put back",
        0.01,
        "bring-back",
        at_the_bar.put_back,
        "assumption: called too early once in a hundred, the reason why screens know a recall",
    ),
    Habit(
        "remake",
        0.02,
        "bring-back",
        at_the_bar.remake,
        "assumption: two in a hundred are wrong, spilled or taken by somebody else",
    ),
)
"""At most one of them for each order, by whoever of the bar comes first."""

CASHIERS: tuple[Habit, ...] = (
    Habit(
        "cancel for the shop",
        0.01,
        "cancel",
        at_the_till.cancel,
        "assumption: once in a hundred something is missing, or the customer says so at the till",
    ),
    Habit(
        "note that nobody came",
        0.01,
        "not-collected",
        at_the_till.not_collected,
        "assumption: once in a hundred nobody comes",
    ),
)

ARRIVES = Habit(
    "say “I'm here”",
    1.0,
    "here",
    second_thoughts.say_here,
    "whoever had the bar wait for them says so, else the order is never made",
)

PICK_UPS = {"here": 0.03, "slot": 0.03}
"""Of the orders: who has the bar wait until they come, and who orders for a time (assumption). The
shop is not open for hours in a rush: the bar goes on early with what is ordered for a time."""

SOLD_OUT = 0.02
"""For each order: one thing in fifty orders runs out (assumption), and is there again later."""

SLOWED_DOWN = 0.01
PAUSED = 0.005
"""For each order: the bar asks for time now and then, and seldom for a pause (assumption)."""

LANGUAGES = {"": 0.75, "de": 0.2, "ar": 0.05}
"""What the customers' browsers ask for; "": nothing in particular (assumption)."""

NAMES_THE_CUP = 0.05
"""Of the drinks: who writes on a cup whose it is (assumption)."""

SAME_AGAIN = 0.1
"""Of the customers: who orders a second time what they had (assumption)."""

MUST_NOT_HAVE = 0.06
"""Of the orders: who names an allergy. Studies of adults find 2 to 10 in a hundred."""

ASKS_FOR_THE_DIGITS = 0.3
"""Of the hand-overs: the cashier asks what the customer's page says (assumption)."""

ANSWERS = {"stopped in time": 0.4, "wasted": 0.15, "given away": 0.1, "reused": 0.05, "": 0.3}
"""What the bar answers somebody who asks to stop; "": too late (assumption)."""


def chosen(habits: Sequence[Habit], chance: random.Random) -> Habit | None:
    """One of the habits, each by its share; mostly none."""
    dice = chance.random()
    for habit in habits:
        dice -= habit.share
        if dice < 0:
            return habit
    return None

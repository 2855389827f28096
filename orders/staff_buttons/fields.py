"""What each button's form takes, said once: for the API's document, and for JSON that is sent.

A program sends whole numbers, true and false, and lists; the commands of the buttons read the
texts that a browser would have sent. Knows no single button.
"""

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orders.domain.events import BringBackReason, Disposition, RushReason, Station
from orders.domain.limits import LONGEST_HOLD, LONGEST_REASON, MOST_LINES

MOST_GIVEN = 100_000_00
"""Cents. More than that was a slip of the finger."""

LONGEST_CARD_TOKEN = 80

LineNumber = Annotated[int, Meta(ge=1, le=MOST_LINES, examples=[1])]
Reason = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_REASON, examples=["The machine is broken."])
]
Cents = Annotated[int, Meta(ge=0, le=MOST_GIVEN, examples=[2000], description="In cents.")]


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The fields of a form; without any, the button needs nothing but to be pressed."""

    def form(self) -> dict[str, str]:
        """The same as a browser sends it."""
        form: dict[str, str] = {}
        for name in self.__struct_fields__:
            form |= _sent(name, getattr(self, name))
        return form


def _sent(name: str, value: Any) -> dict[str, str]:
    match value:
        case bool():
            return {name: "1"} if value else {}
        case list():
            return {f"{name.removesuffix('s')}-{element}": "on" for element in value}
        case StrEnum():
            return {name: value.value}
    return {name: str(value)}


class ForTaking(Fields, frozen=True):
    """Whether it is taken from somebody who has it."""

    take_over: bool = False


class ForLine(Fields, frozen=True):
    """Which line of the order."""

    line: LineNumber


class ForStation(Fields, frozen=True):
    """Which station has made its lines."""

    station: Annotated[Station, Meta(examples=["bar"])]


class ForBringingBack(Fields, frozen=True):
    """Why, and with `by_line` which lines are made again."""

    reason: BringBackReason
    by_line: bool = False
    lines: Annotated[list[LineNumber], Meta(max_length=MOST_LINES)] = []


class ForStopping(Fields, frozen=True):
    """What became of the drinks."""

    disposition: Disposition


class ForHolding(Fields, frozen=True):
    """Why, and for how many minutes; 0 is until somebody resumes it."""

    reason: Reason
    minutes: Annotated[int, Meta(ge=0, le=LONGEST_HOLD)] = 0


class ForRushing(Fields, frozen=True):
    """Why it goes before the others."""

    reason: RushReason


class ForCash(Fields, frozen=True):
    """What the customer gave; `hand_over` ends the visit with the same press."""

    given: Cents
    hand_over: bool = False

    def form(self) -> dict[str, str]:
        """The amount as the till's field has it."""
        return {**super().form(), "given": f"{self.given // 100}.{self.given % 100:02d}"}


class ForCard(Fields, frozen=True):
    """The card that the terminal read."""

    card_token: Annotated[str, Meta(max_length=LONGEST_CARD_TOKEN, examples=["demo-approve"])]


class ForHandingOver(Fields, frozen=True):
    """`hand_over` ends the visit with the same press."""

    hand_over: bool = False


class ForReason(Fields, frozen=True):
    """Why."""

    reason: Reason


class ForSlowing(Fields, frozen=True):
    """By how many minutes every promise is later."""

    extra: Annotated[int, Meta(ge=1, le=99, examples=[5])]

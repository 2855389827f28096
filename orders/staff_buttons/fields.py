"""What the form of a button takes, said once: for the API's document, and for JSON that is sent.

A program sends whole numbers, true and false, and lists; the commands of the buttons read the
texts that a browser would have sent. Knows no single button.
"""

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orders.domain.limits import LONGEST_REASON, MOST_LINES

MOST_GIVEN = 100_000_00
"""Cents. More than that was a slip of the finger."""

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
        case tuple():
            return {f"{name.removesuffix('s')}-{element}": "on" for element in value}
        case StrEnum():
            return {name: value.value}
    return {name: str(value)}

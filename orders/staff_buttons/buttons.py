"""The staff's buttons: which command each of them gives, and who may press it.

They say what somebody wants; the services decide, each for itself. Adding a button is one line of
a table below and its command. This module must not know how bar and till look.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import uuid5

from msgspec import Meta

from orders.domain.command import Command, Envelope
from orders.domain.events import BringBackReason, Disposition, RushReason, Station
from orders.domain.limits import LONGEST_HOLD, LONGEST_REASON, MOST_LINES, whole_number
from orders.domain.ordering import CancelOrder, MarkNotCollected, ServeOrder
from orders.domain.payment import GiveCashBack, StartRefund, TakeCardByHand, TakeCash, WriteOff
from orders.domain.preparation import (
    BringBack,
    DeclineStop,
    DeprioritiseOrder,
    FinishPreparation,
    HoldOrder,
    MakeAtOnce,
    PrepareLine,
    PrepareStation,
    PrioritiseOrder,
    ReleasePreparation,
    ResumeOrder,
    StartPreparation,
    StopPreparation,
    TickLine,
    UntickLine,
)
from orders.domain.refused import BadInput
from orders.forms import plain_text
from orders.payments.card_payment import card_payment, payment_id_of
from orders.staff_buttons.fields import MOST_GIVEN, Cents, Fields, LineNumber, Reason

DESK = 1
"""The one serving desk of a small shop."""

LONGEST_CARD_TOKEN = 80

_MONEY = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?", re.ASCII)

Form = Mapping[str, str]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Button:
    """A permission of `staff.roles`, and the command made of an envelope and the button's form.

    `takes` says the fields of that form. With `hand_over` a field of that name hands the order
    over in the same press.
    """

    permission: str
    command: Callable[[Envelope, Form], Command]
    takes: type[Fields] = Fields
    hand_over: bool = False


def cents_of(text: str) -> int:
    """`5`, `5.2`, `5.20` or `5,20` in cents. Raises `BadInput` for anything else."""
    found = _MONEY.fullmatch(text.strip())
    if found is None:
        raise BadInput("Please give the amount like 5.20.")
    cents = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if cents > MOST_GIVEN:
        raise BadInput("That is more money than this till believes.")
    return cents


def _line(form: Form) -> int:
    line = whole_number(form.get("line"), digits=3)
    if line is None:
        raise BadInput("Please say which line.")
    return line


def _chosen_lines(form: Form) -> tuple[int, ...]:
    """The lines of the ticked boxes `line-1`, `line-2` …"""
    numbers = [name.removeprefix("line-") for name in form if name.startswith("line-")]
    lines = [whole_number(number, digits=3) for number in numbers]
    return tuple(line for line in lines if line is not None)


def reason_in(form: Form) -> str:
    """The reason that the form gives, cleaned. Raises `BadInput` for one that is too long."""
    reason = plain_text(form.get("reason", ""))
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"Please give the reason in at most {LONGEST_REASON} characters.")
    return reason


def _choice(choices: type[Choice], text: str, sentence: str) -> Choice:
    try:
        return choices(text)
    except ValueError as error:
        raise BadInput(sentence) from error


def _take(envelope: Envelope, form: Form, *, take_over: bool = False) -> StartPreparation:
    take_over = take_over or form.get("take_over") == "1"
    return StartPreparation(**envelope, barista=envelope["actor"], take_over=take_over)


def _bring_back(envelope: Envelope, form: Form) -> BringBack:
    sentence = "Please say why: called too early, or made again?"
    reason = _choice(BringBackReason, form.get("reason", ""), sentence)
    lines = _chosen_lines(form)
    if form.get("by_line") == "1" and not lines:
        raise BadInput("Please choose what is made again.")
    return BringBack(**envelope, reason=reason, lines=lines)


def _stop(envelope: Envelope, form: Form) -> StopPreparation:
    sentence = "Please say what became of the drinks."
    disposition = _choice(Disposition, form.get("disposition", ""), sentence)
    return StopPreparation(**envelope, disposition=disposition)


def _station_ready(envelope: Envelope, form: Form) -> PrepareStation:
    station = _choice(Station, form.get("station", ""), "Please say which station.")
    return PrepareStation(**envelope, barista=envelope["actor"], desk=DESK, station=station)


def _hold(envelope: Envelope, form: Form) -> HoldOrder:
    minutes = whole_number(form.get("minutes", "0"), digits=3)
    if minutes is None:
        raise BadInput(f"Please give the minutes as a number up to {LONGEST_HOLD}.")
    reason = reason_in(form)
    return HoldOrder(**envelope, barista=envelope["actor"], reason=reason, minutes=minutes)


def _rush(envelope: Envelope, form: Form) -> PrioritiseOrder:
    sentence = "Please say why this order goes before the others."
    return PrioritiseOrder(**envelope, reason=_choice(RushReason, form.get("reason", ""), sentence))


def _cash(envelope: Envelope, form: Form) -> TakeCash:
    given = cents_of(form.get("given", ""))
    return TakeCash(**envelope, payment=payment_id_of(envelope), given=given)


def _refund_id(envelope: Envelope) -> str:
    return uuid5(envelope["command_id"], "refund").hex


# --- what a form takes, where it takes anything --------------------------------------------------


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
    lines: Annotated[tuple[LineNumber, ...], Meta(max_length=MOST_LINES)] = ()


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


# --- the buttons ---------------------------------------------------------------------------------

# `e` is the envelope of the command.
BAR: Mapping[str, Button] = {
    "take": Button("prepare", _take, ForTaking),
    "take-over": Button("prepare", lambda e, form: _take(e, form, take_over=True)),
    "tick": Button(
        "prepare", lambda e, form: TickLine(**e, barista=e["actor"], line=_line(form)), ForLine
    ),
    "untick": Button(
        "prepare", lambda e, form: UntickLine(**e, barista=e["actor"], line=_line(form)), ForLine
    ),
    "ready": Button("prepare", lambda e, _: FinishPreparation(**e, barista=e["actor"], desk=DESK)),
    "one-tap": Button("prepare", lambda e, _: MakeAtOnce(**e, barista=e["actor"], desk=DESK)),
    "line-ready": Button(
        "prepare",
        lambda e, form: PrepareLine(**e, barista=e["actor"], desk=DESK, line=_line(form)),
        ForLine,
    ),
    "station-ready": Button("prepare", _station_ready, ForStation),
    "release": Button("prepare", lambda e, _: ReleasePreparation(**e, barista=e["actor"])),
    "bring-back": Button("prepare", _bring_back, ForBringingBack),
    "stop": Button("prepare", _stop, ForStopping),
    "too-late": Button("prepare", lambda e, _: DeclineStop(**e)),
    "hold": Button("prepare", _hold, ForHolding),
    "resume": Button("prepare", lambda e, _: ResumeOrder(**e)),
    "rush": Button("prepare", _rush, ForRushing),
    "no-rush": Button("prepare", lambda e, _: DeprioritiseOrder(**e)),
}

TILL: Mapping[str, Button] = {
    "cash": Button("take_payment", _cash, ForCash, hand_over=True),
    "card": Button(
        "take_payment",
        lambda e, form: card_payment(e, form.get("card_token", "")[:LONGEST_CARD_TOKEN]),
        ForCard,
    ),
    "card-by-hand": Button(
        "take_payment",
        lambda e, _: TakeCardByHand(**e, payment=payment_id_of(e)),
        ForHandingOver,
        hand_over=True,
    ),
    "refund": Button(
        "refund",
        lambda e, form: StartRefund(**e, refund=_refund_id(e), reason=reason_in(form)),
        ForReason,
    ),
    "give-back": Button("refund", lambda e, _: GiveCashBack(**e, refund=_refund_id(e))),
    "serve": Button("serve", lambda e, _: ServeOrder(**e)),
    "not-collected": Button("serve", lambda e, _: MarkNotCollected(**e)),
    "cancel": Button(
        "cancel_any_order",
        lambda e, form: CancelOrder(**e, reason=reason_in(form), by_shop=True),
        ForReason,
    ),
    "write-off": Button(
        "write_off", lambda e, form: WriteOff(**e, reason=reason_in(form)), ForReason
    ),
}

BUTTONS = {"bar": BAR, "till": TILL}
"""The screen, and the last part of the button's address."""

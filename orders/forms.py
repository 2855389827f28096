"""What people type, cleaned and bounded before it becomes a wish. Forms decide no business rule.

Text loses control characters, direction overrides and invisible characters, and is brought to one
spelling (NFC): what is printed on a cup is what was read on the screen.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from orders.domain.ordering import LONGEST_NAME, LONGEST_NOTE

NOT_WRITTEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that are never printed: control, format (bidi, zero-width), unassigned."""


DRAFT_FIELDS = ("name", "note", "pay", "card_token")

FORM_TOO_OLD = "This form came incomplete. Please reload the page and send it again."


def plain_text(text: str) -> str:
    """The text in NFC, with nothing invisible, single spaces, and no space at the ends."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    seen = "".join(c for c in spaced if unicodedata.category(c) not in NOT_WRITTEN)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def typed_uuid(text: str | None) -> UUID | None:
    """The id in a hidden field; None if somebody wrote something else into it."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def draft_of(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed at the checkout so far, to be kept while the basket changes."""
    return {field: plain_text(str(form.get(field, "")))[:LONGEST_NOTE] for field in DRAFT_FIELDS}


class PlainText(forms.CharField):
    """A line of text: cleaned first, measured afterwards."""

    def __init__(self, *, longest: int, missing: str = "", required: bool = False) -> None:
        super().__init__(
            required=required,
            max_length=longest,
            error_messages={
                "required": missing,
                "max_length": f"At most {longest} characters, please; these are %(show_value)d.",
            },
        )

    def to_python(self, value: Any) -> str:
        """The cleaned text; anything that is no text counts as none."""
        return plain_text(value) if isinstance(value, str) else ""


class CheckoutForm(forms.Form):
    """The one screen between a basket and an order."""

    command_id = forms.UUIDField(error_messages={"required": FORM_TOO_OLD, "invalid": FORM_TOO_OLD})
    name = PlainText(longest=LONGEST_NAME)
    note = PlainText(longest=LONGEST_NOTE)
    pay = forms.ChoiceField(
        choices=[("counter", "at the counter"), ("card", "now, by card")],
        error_messages={
            "required": "Please say how you pay.",
            "invalid_choice": "Please say how you pay.",
        },
    )
    card_token = forms.CharField(required=False, max_length=80)
    seen_total = forms.IntegerField(required=False)


class CommandForm(forms.Form):
    """A button: nothing but the id of its wish."""

    command_id = forms.UUIDField(error_messages={"required": FORM_TOO_OLD, "invalid": FORM_TOO_OLD})


class PayForm(CommandForm):
    """The card to charge, by the gateway's opaque name for it."""

    card_token = forms.CharField(
        max_length=80,
        error_messages={
            "required": "Please choose a card.",
            "max_length": "Please choose a card.",
        },
    )


class RegisterForm(CommandForm):
    """The name somebody wants to be known by."""

    name = PlainText(longest=LONGEST_NAME, missing="Please give a name.", required=True)

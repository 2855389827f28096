"""What people type, cleaned and bounded before a command is made of it. Forms decide no rule.

Text loses control characters, direction overrides and invisible characters, and is brought to one
spelling (NFC): what is printed on a cup is what was read on the screen.
"""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_WRITTEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that are never printed: control, format (bidi, zero-width), unassigned."""

FORM_TOO_OLD = gettext_lazy("This form came incomplete. Please reload the page and send it again.")


@dataclass(frozen=True)
class FieldError:
    """What is wrong with a form; `field` is the id of an element of the page, "" for the whole."""

    field: str
    sentence: str


def field_errors(form: forms.Form) -> list[FieldError]:
    """Every error of a form; those of a field that nobody sees are about the whole."""
    return [
        FieldError(name if name in form.fields and not form[name].is_hidden else "", str(error))
        for name, errors in form.errors.items()
        for error in errors
    ]


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


class PlainText(forms.CharField):
    """A line of text: cleaned first, measured afterwards."""

    def __init__(
        self, *, longest: int, missing: "StrOrPromise" = "", required: bool = False
    ) -> None:
        super().__init__(
            required=required,
            max_length=longest,
            error_messages={
                "required": missing,
                "max_length": gettext_lazy(
                    "At most %(limit_value)d characters, please; these are %(show_value)d."
                ),
            },
        )

    def to_python(self, value: Any) -> str:
        """The cleaned text; anything that is no text counts as none."""
        return plain_text(value) if isinstance(value, str) else ""


class CommandId(forms.UUIDField):
    """The hidden id of the command that the form asks for."""

    widget = forms.HiddenInput
    default_error_messages = {"required": FORM_TOO_OLD, "invalid": FORM_TOO_OLD}  # noqa: RUF012

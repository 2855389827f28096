"""The form of the checkout: who the cup is for, and how it is paid."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from orders.domain.limits import LONGEST_NAME, LONGEST_NOTE
from orders.forms import CommandId, PlainText, plain_text
from orders.languages import translated

DRAFT_FIELDS = ("name", "note", "pay", "card_token")


class CheckoutForm(forms.Form):
    """The one screen between a basket and an order."""

    command_id = CommandId()
    name = PlainText(longest=LONGEST_NAME)
    note = PlainText(longest=LONGEST_NOTE)
    allergies = forms.MultipleChoiceField(required=False)
    pay = forms.ChoiceField(
        choices=[("counter", "at the counter"), ("card", "now, by card")],
        error_messages={
            "required": gettext_lazy("Please say how you pay."),
            "invalid_choice": gettext_lazy("Please say how you pay."),
        },
    )
    card_token = forms.CharField(required=False, max_length=80)
    seen_total = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, allergens: Sequence[str] = (), **kwargs: Any) -> None:
        """`allergens` are what somebody can say they must not have."""
        super().__init__(*args, **kwargs)
        field = self.fields["allergies"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(word, translated(word)) for word in allergens]

    @property
    def chosen_allergies(self) -> str:
        """What was chosen, as the order keeps it. Only of a form without errors."""
        return ", ".join(self.cleaned_data["allergies"])


class ChangeForm(CheckoutForm):
    """What stands beside the lines of an order that is changed: the name and the money stay."""

    name = None  # type: ignore[assignment]
    pay = None  # type: ignore[assignment]
    card_token = None  # type: ignore[assignment]


def draft_of(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed at the checkout so far, to be kept while the basket changes."""
    return {field: plain_text(str(form.get(field, "")))[:LONGEST_NOTE] for field in DRAFT_FIELDS}

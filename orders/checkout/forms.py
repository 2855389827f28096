"""The form of the checkout: who the cup is for, and how it is paid."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from orders.domain.limits import LONGEST_NAME, LONGEST_NOTE
from orders.forms import CommandId, PlainText, plain_text
from orders.languages import translated

DRAFT_FIELDS = ("name", "note", "pay", "card_token", "pick_up", "slot", "hide_name")

AT_SLOT = "slot"
WHEN_HERE = "here"


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
    pick_up = forms.ChoiceField(
        required=False,
        choices=[("", "as soon as possible"), (WHEN_HERE, "when I am here"), (AT_SLOT, "at")],
    )
    slot = forms.CharField(required=False, max_length=40)
    hide_name = forms.BooleanField(required=False)
    seen_total = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, allergens: Sequence[str] = (), **kwargs: Any) -> None:
        """`allergens` are what somebody can say they must not have."""
        super().__init__(*args, **kwargs)
        field = self.fields["allergies"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(word, translated(word)) for word in allergens]

    def clean(self) -> dict[str, Any]:
        """Browsers leave out a slot that is full by now: that never means "as soon as possible"."""
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("pick_up") == AT_SLOT and not typed.get("slot"):
            self.add_error("slot", gettext("Please choose when to pick it up."))
        return typed

    @property
    def wanted(self) -> str:
        """When it is wanted, in the words of `orders.checkout.pick_up`. Only without errors."""
        chosen: str = self.cleaned_data["pick_up"]
        return self.cleaned_data["slot"] if chosen == AT_SLOT else chosen

    @property
    def chosen_allergies(self) -> str:
        """What was chosen, as the order keeps it. Only of a form without errors."""
        return ", ".join(self.cleaned_data["allergies"])


class ChangeForm(CheckoutForm):
    """What stands beside the lines of an order that is changed: the name and the money stay."""

    name = None  # type: ignore[assignment]
    pay = None  # type: ignore[assignment]
    card_token = None  # type: ignore[assignment]
    pick_up = None  # type: ignore[assignment]
    slot = None  # type: ignore[assignment]
    hide_name = None  # type: ignore[assignment]


def draft_of(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed at the checkout so far, to be kept while the basket changes."""
    return {field: plain_text(str(form.get(field, "")))[:LONGEST_NOTE] for field in DRAFT_FIELDS}

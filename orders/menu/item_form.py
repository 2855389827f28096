"""The form of one item of the menu, made from the item: its size, its options, how many.

A browser chooses among what the menu offers; what the line costs is calculated when the basket is
shown or ordered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.utils.translation import gettext

from orders.domain.cups import LONGEST_CUP_NAME, LONGEST_CUP_NOTE
from orders.domain.limits import MOST_OF_A_LINE, whole_number
from orders.domain.refused import Refused
from orders.domain.words import Words
from orders.forms import PlainText
from orders.languages import money, translated
from orders.menu.cache import menu
from orders.menu.card import Choice, ChoiceGroup, Item, Selection, SizeChoice, priced_line

SIZE = "size"
ONE = "one-"
MANY = "many-"


@dataclass(frozen=True)
class Fieldset:
    """One heading of the form: a `field` to choose one from, or `extras`, each with its count."""

    html_id: str
    title: str
    field: forms.BoundField | None = None
    extras: tuple[tuple[Choice, forms.BoundField], ...] = ()

    @property
    def fields(self) -> list[forms.BoundField]:
        """All its fields."""
        return [self.field] if self.field else [field for _, field in self.extras]

    @property
    def error(self) -> str:
        """The first error of its fields."""
        return next((str(error) for field in self.fields for error in field.errors), "")


class PricedChoice(NamedTuple):
    """One radio button: what it costs, in cents, and what is said beside it."""

    value: str
    label: str
    price: int
    hint: str = ""
    is_off: bool = False


class PricedRadios(forms.RadioSelect):
    """Radio buttons that know their prices and hints."""

    def __init__(self, choices: Iterable[PricedChoice]) -> None:
        super().__init__()
        self.by_value = {choice.value: choice for choice in choices}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Django's option with the price and the hint."""
        choice = self.by_value[value]
        option = super().create_option(name, value, *args, **kwargs)
        return {**option, "price": choice.price, "hint": choice.hint, "is_off": choice.is_off}


def _radios(choices: list[PricedChoice], usual: str, sentence: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[(choice.value, choice.label) for choice in choices],
        widget=PricedRadios(choices),
        initial=usual,
        required=False,
        error_messages={"invalid_choice": sentence},
    )


class ItemForm(forms.Form):
    """The choices about one item; whatever is not sent is as usual."""

    def __init__(
        self,
        item: Item,
        data: Mapping[str, str] | None = None,
        selection: Selection | None = None,
    ) -> None:
        """`selection`: what is chosen at first, else the item as it usually comes."""
        super().__init__()
        self.item = item
        self.base_price = item.price if len(item.sizes) < 2 else 0
        self.fields[SIZE] = _radios(
            [
                PricedChoice(s.slug, translated(s.name), s.price, _money(s.price))
                for s in item.sizes
            ],
            _usual(item.sizes),
            translated(Words("%(item)s: please choose a size.", item=Words(item.name))),
        )
        for group in item.groups:
            self.fields.update(_one_of(group) if group.takes_one else _counts(group))
        self.fields["cup"] = PlainText(longest=LONGEST_CUP_NAME)
        self.fields["note"] = PlainText(longest=LONGEST_CUP_NOTE)
        self.fields["quantity"] = forms.CharField(initial="1", required=False)
        if selection is not None:
            self._choose(selection)
        if data is not None:
            self.is_bound = True
            self.data = {**{name: field.initial for name, field in self.fields.items()}, **data}

    def _choose(self, selection: Selection) -> None:
        self.fields["quantity"].initial = str(selection.quantity)
        if selection.size:
            self.fields[SIZE].initial = selection.size
        for group in self.item.groups:
            for choice in group.choices:
                count = selection.options.get(choice.slug, 0)
                if count and group.takes_one:
                    self.fields[ONE + group.slug].initial = "" if choice.sold_out else choice.slug
                elif count:
                    self.fields[MANY + choice.slug].initial = str(count)

    def clean_quantity(self) -> int:
        """The number of them."""
        quantity: int | None = whole_number(self.cleaned_data["quantity"])
        if quantity is None or not 1 <= quantity <= MOST_OF_A_LINE:
            raise forms.ValidationError(
                gettext("How many: 1 to %(most)s, please.") % {"most": MOST_OF_A_LINE}
            )
        return quantity

    def clean(self) -> dict[str, Any]:
        """The choices, if together they are a line that can be had."""
        name = translated(self.item.name)
        if any(sent.startswith((ONE, MANY)) and sent not in self.fields for sent in self.data):
            words = gettext("%(item)s does not come with everything you chose.")
            self.add_error(None, words % {"item": name})
        elif self.item.sold_out:
            self.add_error(None, gettext("%(what)s is sold out.") % {"what": name})
        if self.errors:
            return self.cleaned_data
        try:
            priced_line(menu(), 1, self.selection)
        except Refused as refusal:
            raise forms.ValidationError(translated(refusal.sentence)) from refusal
        return self.cleaned_data

    @property
    def selection(self) -> Selection:
        """What was chosen, without the usual options. Only of a form without errors."""
        return Selection(
            item=self.item.slug,
            size=self.cleaned_data[SIZE],
            options=dict(self._chosen_options()),
            quantity=self.cleaned_data["quantity"],
            cup=self.cleaned_data["cup"],
            note=self.cleaned_data["note"],
        )

    @property
    def fieldsets(self) -> list[Fieldset]:
        """What the page shows: no size where there is no choice of one."""
        shown = [Fieldset(SIZE, gettext("Size"), self[SIZE])] if len(self.item.sizes) > 1 else []
        for group in self.item.groups:
            if group.takes_one:
                name = ONE + group.slug
                shown.append(Fieldset(name, translated(group.name), self[name]))
            else:
                extras = tuple((choice, self[MANY + choice.slug]) for choice in group.choices)
                shown.append(Fieldset(MANY + group.slug, translated(group.name), extras=extras))
        return shown

    @property
    def shown_price(self) -> int:
        """What one of it costs as it is chosen now, in cents."""
        fields = [field for fieldset in self.fieldsets for field in fieldset.fields]
        radios = [radio.data for field in fields for radio in field]
        chosen: list[int] = [radio["price"] for radio in radios if radio["selected"]]
        return self.base_price + sum(chosen)

    def _chosen_options(self) -> Iterable[tuple[str, int]]:
        for group in self.item.groups:
            for choice in group.choices:
                if not group.takes_one:
                    count = int(self.cleaned_data[MANY + choice.slug] or 0)
                else:
                    chosen = self.cleaned_data[ONE + group.slug] == choice.slug
                    count = int(chosen and not choice.is_default)
                if count:
                    yield choice.slug, count


def _one_of(group: ChoiceGroup) -> dict[str, forms.Field]:
    choices = [
        PricedChoice(c.slug, translated(c.name), c.price, _hint(c), c.sold_out)
        for c in group.choices
    ]
    sentence = translated(Words("%(group)s: please choose one of these.", group=Words(group.name)))
    return {ONE + group.slug: _radios(choices, _usual(group.choices), sentence)}


def _counts(group: ChoiceGroup) -> dict[str, forms.Field]:
    return {
        MANY + choice.slug: _radios(
            [
                PricedChoice(str(n), str(n), choice.price * n, is_off=bool(n and choice.sold_out))
                for n in range(choice.most + 1)
            ],
            "0",
            translated(
                Words("%(what)s: 0 to %(most)s.", what=Words(choice.name), most=choice.most)
            ),
        )
        for choice in group.choices
    }


def _usual(choices: Iterable[Choice | SizeChoice]) -> str:
    """What is chosen at first: as it usually comes. Of what is sold out, nothing: people choose."""
    usual = (choice for choice in choices if choice.is_default)
    return next((c.slug for c in usual if isinstance(c, SizeChoice) or not c.sold_out), "")


def _hint(choice: Choice) -> str:
    """What a choice costs more, and what somebody may not stand: "+€0.60 · nuts"."""
    if choice.sold_out:
        return gettext("sold out")
    more = [money(choice.price, settings.CURRENCY, plus="+")] if choice.price else []
    name = choice.name.casefold()
    return " · ".join(
        [*more, *(translated(word) for word in choice.allergens if word.casefold() not in name)]
    )


def _money(cents: int) -> str:
    return money(cents, settings.CURRENCY)

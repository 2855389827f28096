"""The menu for programs: what can be ordered, by the slugs that an order names, and what it costs.

Amounts are integer cents.
"""

from datetime import datetime

import msgspec
from django.conf import settings
from django.http import HttpRequest

from orders.menu.cache import menu
from orders.menu.card import Choice, ChoiceGroup, Item


class SizeShape(msgspec.Struct, frozen=True, kw_only=True):
    """One size of an item, with the item's price in it."""

    slug: str
    name: str
    price: int
    is_default: bool


class ChoiceShape(msgspec.Struct, frozen=True, kw_only=True):
    """One option; `price` is added for each one, up to `most`."""

    slug: str
    name: str
    price: int
    most: int
    is_default: bool
    allergens: list[str]
    sold_out: bool
    sold_out_until: datetime | None


class GroupShape(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one kind. With `takes_one` exactly one of them, else any number."""

    slug: str
    name: str
    takes_one: bool
    choices: list[ChoiceShape]


class ItemShape(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the menu; `price` is the lowest, `usual_price` that of how it usually comes."""

    slug: str
    name: str
    description: str
    price: int
    usual_price: int
    sizes: list[SizeShape]
    groups: list[GroupShape]
    allergens: list[str]
    station: str
    sold_out: bool
    sold_out_until: datetime | None


class SectionShape(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with its items."""

    slug: str
    name: str
    items: list[ItemShape]


class MenuShape(msgspec.Struct, frozen=True, kw_only=True):
    """The whole menu; `most_changes` to one drink, 0 for as many as there are."""

    currency: str
    most_changes: int
    sections: list[SectionShape]


def whole_menu(_request: HttpRequest) -> MenuShape:
    """Today's menu, what is sold out marked."""
    card = menu()
    return MenuShape(
        currency=settings.CURRENCY,
        most_changes=card.most_changes,
        sections=[
            SectionShape(
                slug=section.slug, name=section.name, items=[_item(item) for item in section.items]
            )
            for section in card.sections
        ],
    )


def _item(item: Item) -> ItemShape:
    return ItemShape(
        slug=item.slug,
        name=item.name,
        description=item.description,
        price=item.price,
        usual_price=item.usual_price,
        sizes=[msgspec.convert(size, SizeShape, from_attributes=True) for size in item.sizes],
        groups=[_group(group) for group in item.groups],
        allergens=list(item.allergens),
        station=item.station.value,
        sold_out=item.sold_out,
        sold_out_until=item.sold_out_until,
    )


def _group(group: ChoiceGroup) -> GroupShape:
    return GroupShape(
        slug=group.slug,
        name=group.name,
        takes_one=group.takes_one,
        choices=[_choice(choice) for choice in group.choices],
    )


def _choice(choice: Choice) -> ChoiceShape:
    return msgspec.convert(choice, ChoiceShape, from_attributes=True)

"""The menu as immutable values, and what a line from it costs. Plain Python, no tables.

A price is always the shop's, never one that a browser sent. Amounts are integer cents.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from orders.domain.cups import Cup
from orders.domain.events import Line, Station, StockKind
from orders.domain.limits import MOST_OF_A_LINE
from orders.domain.refused import BadInput, Refused
from orders.domain.shop import Shop
from orders.domain.words import Words


class SoldOut(Refused):
    """The shop has run out of it."""

    code = "sold_out"
    words = "That is sold out."


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody chose of one item: slugs of the menu, and how often each option.

    The item's page makes it, a basket's cookie keeps it (field by field, so a new field comes last
    and has a default), and a program sends it as JSON.
    """

    item: str
    size: str = ""
    options: dict[str, int] = {}
    quantity: int = 1
    cup: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class SizeChoice:
    """One size; `price` in cents is the item's price in it."""

    slug: str
    name: str
    price: int
    is_default: bool


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a group; `price` in cents is added for each one, up to `most`."""

    slug: str
    name: str
    bar_words: str
    price: int
    allergens: tuple[str, ...]
    most: int
    is_default: bool
    sold_out: bool = False
    sold_out_until: datetime | None = None  # None: until somebody says so


@dataclass(frozen=True, kw_only=True)
class ChoiceGroup:
    """The options of one kind. With `takes_one` exactly one of them, else any number."""

    slug: str
    name: str
    takes_one: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something on the menu. Without sizes, `price` is its price; with sizes, the lowest."""

    slug: str
    name: str
    bar_name: str
    station: Station
    description: str
    allergens: tuple[str, ...]
    price: int
    sizes: tuple[SizeChoice, ...]
    groups: tuple[ChoiceGroup, ...]
    drawing: str
    recipe: str = ""
    sold_out: bool = False
    sold_out_until: datetime | None = None  # None: until somebody says so

    @property
    def has_choices(self) -> bool:
        """Whether there is something to choose."""
        return len(self.sizes) > 1 or bool(self.groups)

    @property
    def usual_price(self) -> int:
        """The price of the item as it usually comes."""
        usual = next((size.price for size in self.sizes if size.is_default), self.price)
        choices = (choice for group in self.groups if group.takes_one for choice in group.choices)
        return usual + sum(choice.price for choice in choices if choice.is_default)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with its items."""

    slug: str
    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Menu:
    """The whole menu at one moment."""

    version: int
    sections: tuple[Section, ...]
    most_changes: int = 0  # to one drink; 0: as many as there are

    def without(self, shop: Shop, at: datetime) -> "Menu":
        """The menu with what is sold out at that moment marked, and the shop's limit of changes."""
        sections = tuple(
            replace(section, items=tuple(_marked(item, shop, at) for item in section.items))
            for section in self.sections
        )
        return replace(self, sections=sections, most_changes=shop.number("most_changes"))

    def item(self, slug: str) -> Item | None:
        """The item of that slug, sold out or not."""
        return next((i for s in self.sections for i in s.items if i.slug == slug), None)


def _marked(item: Item, shop: Shop, at: datetime) -> Item:
    groups = tuple(_marked_group(group, shop, at) for group in item.groups)
    # An item whose every milk has run out has run out itself.
    empty = (g for g in groups if g.takes_one and g.choices and all(c.sold_out for c in g.choices))
    is_off = shop.is_sold_out(StockKind.ITEM, item.slug, at)
    return replace(
        item,
        groups=groups,
        sold_out=item.sold_out or is_off or any(empty),
        sold_out_until=shop.sold_out_until(StockKind.ITEM, item.slug) if is_off else None,
    )


def _marked_group(group: ChoiceGroup, shop: Shop, at: datetime) -> ChoiceGroup:
    choices = (_marked_choice(choice, shop, at) for choice in group.choices)
    return replace(group, choices=tuple(choices))


def _marked_choice(choice: Choice, shop: Shop, at: datetime) -> Choice:
    if not shop.is_sold_out(StockKind.OPTION, choice.slug, at):
        return choice
    until = shop.sold_out_until(StockKind.OPTION, choice.slug)
    return replace(choice, sold_out=True, sold_out_until=until)


def allergens_of(card: Menu, selection: Selection) -> set[str]:
    """What a selection contains: the item, and the options that were chosen or are usual."""
    item = card.item(selection.item)
    if item is None:
        return set()
    found = {allergen.lower() for allergen in item.allergens}
    for group in item.groups:
        chosen = [choice for choice in group.choices if selection.options.get(choice.slug)]
        if group.takes_one and not chosen:
            chosen = [choice for choice in group.choices if choice.is_default]
        found.update(a.lower() for choice in chosen for a in choice.allergens)
    return found


def priced_line(card: Menu, number: int, selection: Selection) -> Line:
    """The line of that number of an order, at today's price.

    Raises `BadInput` for what is not on the menu, and `SoldOut`.
    """
    found = card.item(selection.item)
    if found is None:
        raise BadInput("That is not on the menu (any more).")
    if found.sold_out:
        raise SoldOut(Words("%(what)s is sold out.", what=Words(found.name)))
    if not 1 <= selection.quantity <= MOST_OF_A_LINE:
        raise BadInput(
            Words(
                "You can order 1 to %(most)s of %(item)s.",
                most=MOST_OF_A_LINE,
                item=Words(found.name),
            )
        )
    chosen_size = _size(found, selection.size)
    price = chosen_size.price if chosen_size else found.price
    words: list[str] = []
    choices: list[str] = []
    changes = 0
    left = {slug: count for slug, count in selection.options.items() if count}
    for group in found.groups:
        for choice, count in _chosen(group, left):
            if choice.sold_out:
                raise SoldOut(Words("%(what)s is sold out.", what=Words(choice.name)))
            price += choice.price * count
            choices += [choice.slug] * count
            changes += 0 if choice.is_default else count
            if choice.bar_words:
                words.append(choice.bar_words if count == 1 else f"{count} × {choice.bar_words}")
    if left:
        raise BadInput(
            Words(
                "%(item)s does not come with %(what)s.",
                item=Words(found.name),
                what=", ".join(sorted(left)),
            )
        )
    if card.most_changes and changes > card.most_changes:
        raise BadInput(
            Words(
                "At most %(most)s changes to one drink: more, please at the bar.",
                most=card.most_changes,
            )
        )
    return Line(
        line=number,
        item=found.slug,
        name=found.name,
        size=chosen_size.name if chosen_size else "",
        options=tuple(words),
        quantity=selection.quantity,
        unit_price=price,
        bar_name=found.bar_name,
        station=found.station,
        usual_size=chosen_size is not None and chosen_size.is_default,
        choices=tuple(choices),
    )


def selection_of(card: Menu, line: Line, cup: Cup) -> Selection | None:
    """What somebody chose who ordered this line; None if the menu has no such thing any more."""
    found = card.item(line.item)
    if found is None or (line.options and not line.choices):
        return None  # of before choices were kept: nobody knows which options these words were
    size = next((size.slug for size in found.sizes if size.name == line.size), "")
    if line.size and not size:
        return None
    usual = {
        c.slug for group in found.groups if group.takes_one for c in group.choices if c.is_default
    }
    options = Counter(slug for slug in line.choices if slug not in usual)
    return Selection(
        item=line.item,
        size=size,
        options=dict(options),
        quantity=line.quantity,
        cup=cup.name,
        note=cup.note,
    )


def _chosen(group: ChoiceGroup, left: dict[str, int]) -> list[tuple[Choice, int]]:
    """The options of one group and how often, taken out of what is `left`."""
    chosen = [(c, left.pop(c.slug)) for c in group.choices if c.slug in left]
    if group.takes_one and not chosen:
        return [(choice, 1) for choice in group.choices if choice.is_default]
    if group.takes_one and sum(count for _, count in chosen) != 1:
        raise BadInput(Words("%(group)s: please choose one.", group=Words(group.name)))
    for choice, count in chosen:
        if not 1 <= count <= choice.most:
            raise BadInput(
                Words("%(what)s: 1 to %(most)s, please.", what=Words(choice.name), most=choice.most)
            )
    return chosen


def _size(item: Item, slug: str) -> SizeChoice | None:
    if not item.sizes:
        if slug:
            raise BadInput(Words("%(item)s comes in one size.", item=Words(item.name)))
        return None
    for size in item.sizes:
        if size.slug == slug or (not slug and size.is_default):
            return size
    raise BadInput(Words("%(item)s: please choose a size.", item=Words(item.name)))

"""Today's menu, read from its tables and kept in memory while they do not change.

Looks at the version row at most every two seconds and reads the tables only when it has grown.
"""

import threading
import time
from collections.abc import Mapping
from functools import cache

from django.db import transaction
from django.db.models import F

from orders.domain.refused import BadInput
from orders.menu.card import (
    Choice,
    ChoiceGroup,
    Item,
    Menu,
    Section,
    SizeChoice,
)
from orders.menu.models import Category, MenuItem, MenuVersion, OptionGroup

LOOK_SECONDS = 2.0
"""How old the menu in memory may be before its version is looked at again."""


class MenuCache:
    """The menu of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._menu: Menu | None = None
        self._looked_at = 0.0

    def menu(self) -> Menu:
        """Today's menu, at most two seconds old."""
        with self._lock:
            now = time.monotonic()
            if self._menu is None or now - self._looked_at > LOOK_SECONDS:
                version = _version()
                if self._menu is None or self._menu.version != version:
                    self._menu = _read(version)
                self._looked_at = now
            return self._menu

    def look_again(self) -> None:
        """Look at the version row at the next call."""
        with self._lock:
            self._looked_at = 0.0


@cache
def _cache() -> MenuCache:
    return MenuCache()


def menu() -> Menu:
    """Today's menu."""
    return _cache().menu()


def menu_changed() -> None:
    """Let every process see the change: called whenever a row of the menu was written."""
    if not MenuVersion.objects.filter(pk=1).update(number=F("number") + 1):
        MenuVersion.objects.get_or_create(pk=1, defaults={"number": 1})
    _cache().look_again()


def set_sold_out(slug: str, sold_out: bool) -> None:
    """Mark an item as sold out or back in stock. Raises `BadInput` for an unknown item."""
    with transaction.atomic():
        if not MenuItem.objects.filter(slug=slug).update(sold_out=sold_out):
            raise BadInput("There is no such item on the menu.")
        menu_changed()


def _version() -> int:
    row = MenuVersion.objects.filter(pk=1).first()
    return row.number if row else 0


def _read(version: int) -> Menu:
    groups = {
        group.pk: ChoiceGroup(
            slug=group.slug,
            name=group.name,
            takes_one=group.kind == OptionGroup.Kind.ONE,
            choices=tuple(
                Choice(
                    slug=option.slug,
                    name=option.name,
                    bar_words=option.bar_words,
                    price=option.price,
                    allergens=_words(option.allergens),
                    most=option.most,
                    is_default=option.is_default,
                )
                for option in group.options.all()
            ),
        )
        for group in OptionGroup.objects.prefetch_related("options")
    }
    sections = (
        Section(
            slug=category.slug,
            name=category.name,
            items=tuple(_item(item, groups) for item in category.items.all()),
        )
        for category in Category.objects.prefetch_related("items__sizes", "items__option_groups")
    )
    return Menu(version=version, sections=tuple(s for s in sections if s.items))


def _item(item: MenuItem, groups: Mapping[int, ChoiceGroup]) -> Item:
    sizes = tuple(
        SizeChoice(slug=s.slug, name=s.name, price=s.price, is_default=s.is_default)
        for s in item.sizes.all()
    )
    return Item(
        slug=item.slug,
        name=item.name,
        bar_name=item.bar_name,
        description=item.description,
        allergens=_words(item.allergens),
        price=min((size.price for size in sizes), default=item.price),
        sizes=sizes,
        groups=tuple(groups[group.pk] for group in item.option_groups.all()),
        sold_out=item.sold_out,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())

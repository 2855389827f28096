"""Today's menu, read from its tables and kept in memory while they do not change.

Looks at the version row at most every two seconds and reads the tables only when it has grown. What
is sold out is not in the tables: those are facts of the shop, marked on the menu here.
"""

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from django.db.models import F
from django.utils import timezone

from orders.domain.events import Station
from orders.domain.shop import Shop
from orders.menu.card import (
    Choice,
    ChoiceGroup,
    Item,
    Menu,
    Section,
    SizeChoice,
)
from orders.menu.drawings import drawing_of
from orders.menu.models import Category, MenuItem, MenuVersion, OptionGroup
from orders.shop_state import shop_now

LOOK_SECONDS = 2.0
"""How old the menu in memory may be before its version is looked at again."""


class MenuCache:
    """The menu of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._whole: Menu | None = None
        self._looked_at = 0.0
        self._marked: tuple[Menu, Shop, datetime | None, Menu] | None = None

    def menu(self) -> Menu:
        """Today's menu, at most two seconds old, as the shop is now."""
        shop, now = shop_now(), timezone.now()
        with self._lock:
            whole = self._from_the_tables()
            if self._marked is None or not _holds(self._marked, whole, shop, now):
                until = (moment for moment in shop.sold_out.values() if moment and moment > now)
                self._marked = (whole, shop, min(until, default=None), whole.without(shop, now))
            return self._marked[-1]

    def _from_the_tables(self) -> Menu:
        now = time.monotonic()
        if self._whole is None or now - self._looked_at > LOOK_SECONDS:
            version = _version()
            if self._whole is None or self._whole.version != version:
                self._whole = _read(version)
            self._looked_at = now
        return self._whole

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


def back_in_stock(slug: str) -> None:
    """An item that was sold out before that was a fact is there again."""
    if MenuItem.objects.filter(slug=slug, sold_out_before=True).update(sold_out_before=False):
        menu_changed()


def _holds(
    marked: tuple[Menu, Shop, datetime | None, Menu], whole: Menu, shop: Shop, now: datetime
) -> bool:
    """Whether a marked menu is still that of this menu and this shop, and no time is over."""
    of_menu, of_shop, until, _ = marked
    return of_menu is whole and of_shop is shop and (until is None or now < until)


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
        station=Station(item.station),
        description=item.description,
        allergens=_words(item.allergens),
        price=min((size.price for size in sizes), default=item.price),
        sizes=sizes,
        groups=tuple(groups[group.pk] for group in item.option_groups.all()),
        drawing=drawing_of(item.drawing, item.slug, item.category.slug),
        recipe=item.recipe,
        sold_out=item.sold_out_before,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())

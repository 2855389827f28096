"""That something about the shop as a whole has changed: open menus and baskets look again then.

What has changed they ask the write side, which knows it from the same facts (`orders.shop_state`).
"""

from typing import ClassVar

from django.db import models
from django.template.loader import render_to_string

from orders.domain.events import (
    BackInStock,
    BarAtUsualPace,
    BarSlowedDown,
    SettingChosen,
    SoldOut,
    WebOrdersPaused,
)
from orders.domain.fact import Fact
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import ReadRow, unique_in_generation
from projections.engine.unit_of_work import Changes, UnitOfWork
from projections.screen import Fragment, Room, Screen

NAME = "shop-news"


FACTS_OF_THE_SHOP = (
    SoldOut,
    BackInStock,
    BarSlowedDown,
    WebOrdersPaused,
    BarAtUsualPace,
    SettingChosen,
)


class ShopNews(ReadRow):
    """One row: which fact about the shop as a whole came last."""

    PROJECTION: ClassVar = NAME
    KEY: ClassVar = ("stream",)

    stream = models.CharField(max_length=100)
    revision = models.BigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "shop news"
        constraints: ClassVar = [unique_in_generation("shop_news_of_stream", "stream")]

    def __str__(self) -> str:
        return f"{self.stream}@{self.revision}"


def _changed_shop(fact: Fact, _before: None, _after: None, work: UnitOfWork) -> None:
    row = ShopNews(stream=fact.stream, revision=fact.revision, changed_at=fact.occurred_at)
    work.put(row)


def heard_of_the_shop(changes: Changes) -> int:
    """The last fact about the shop as a whole that these changes tell of; -1 for none."""
    news = changes.get(ShopNews, {}).values()
    return max((row.revision for row in news if isinstance(row, ShopNews)), default=-1)


def _snapshot(_key: str, _room: Room) -> list[Fragment]:
    news = active_rows(ShopNews).order_by("-changed_at").first()
    html = render_to_string("ordering/_news.html", {"news": news})
    return [Fragment("shop-news", html)]


SCREEN = Screen(
    view=NAME,
    permission=None,
    projection=Projection(
        name=NAME,
        version=1,
        tables=(ShopNews,),
        handlers=dict.fromkeys(FACTS_OF_THE_SHOP, _changed_shop),
        view=NAME,
    ),
    snapshot=_snapshot,
    pause=0.2,
)

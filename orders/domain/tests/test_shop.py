"""What has run out, how much the bar takes on, and what the shop chose: facts of the shop."""

from datetime import datetime, timedelta

import pytest

from orders.domain import shop, shop_settings, stock
from orders.domain.event import Event
from orders.domain.events import (
    BackInStock,
    BarAtUsualPace,
    BarSlowedDown,
    SettingChosen,
    SoldOut,
    StockKind,
    WebOrdersPaused,
)
from orders.domain.opening_hours import opens_next
from orders.domain.refused import BadInput, UnknownCommand
from orders.domain.shop import Shop
from orders.domain.shop_settings import (
    SETTINGS,
    ChooseSetting,
    ChosenElsewhere,
    text_of,
    value_of,
)
from orders.domain.stock import PauseWebOrders, Restock, SellOut, SlowDown, UsualPace
from orders.domain.tests.cast import ENVELOPE, OPENING, recorded
from orders.domain.tests.specification import given

OAT = (StockKind.OPTION, "oat-milk")
SELL_OUT = SellOut(**ENVELOPE, kind=StockKind.OPTION, slug="oat-milk", for_minutes=60)
SOLD_OUT = SoldOut(kind=StockKind.OPTION, slug="oat-milk", minutes=60)
RESTOCK = Restock(**ENVELOPE, kind=StockKind.OPTION, slug="oat-milk")
BACK = BackInStock(kind=StockKind.OPTION, slug="oat-milk")
SLOW = SlowDown(**ENVELOPE, extra_minutes=5, minutes=30)
PAUSE = PauseWebOrders(**ENVELOPE, minutes=10)
USUAL = UsualPace(**ENVELOPE)
CHOOSE = ChooseSetting(**ENVELOPE, setting="one_tap", value="yes")
PAUSED = WebOrdersPaused(minutes=10)
CHOSEN = SettingChosen(setting="one_tap", value="yes")


def shop_after(*events: Event) -> Shop:
    return shop.fold(recorded(*events))


def test_something_runs_out_and_is_there_again() -> None:
    given(stock.SERVICE).when(SELL_OUT).then(SOLD_OUT)
    given(stock.SERVICE, SOLD_OUT).when(SELL_OUT).then(SOLD_OUT)  # from now on, once more
    given(stock.SERVICE, SOLD_OUT).when(RESTOCK).then(BACK)
    given(stock.SERVICE).when(RESTOCK).then_nothing()


def test_the_bar_takes_on_less_for_a_while() -> None:
    slowed = BarSlowedDown(extra_minutes=5, minutes=30)

    given(stock.SERVICE).when(SLOW).then(slowed)
    given(stock.SERVICE).when(PAUSE).then(WebOrdersPaused(minutes=10))
    given(stock.SERVICE, slowed).when(USUAL).then(BarAtUsualPace())
    given(stock.SERVICE).when(USUAL).then_nothing()


@pytest.mark.parametrize(
    "wrong",
    [
        SellOut(**ENVELOPE, kind=StockKind.ITEM, slug="", for_minutes=0),
        SellOut(**ENVELOPE, kind=StockKind.ITEM, slug="latte", for_minutes=24 * 60 + 1),
        SlowDown(**ENVELOPE, extra_minutes=3, minutes=30),
        SlowDown(**ENVELOPE, extra_minutes=5, minutes=0),
        PauseWebOrders(**ENVELOPE, minutes=121),
    ],
)
def test_a_while_has_an_end(wrong: stock.StockCommand) -> None:
    given(stock.SERVICE).when(wrong).then_refused(BadInput)


def test_what_is_sold_out_is_so_at_a_time() -> None:
    after = shop_after(SOLD_OUT)

    assert after.is_sold_out(*OAT, OPENING + timedelta(minutes=59))
    assert not after.is_sold_out(*OAT, OPENING + timedelta(minutes=60))
    assert not shop_after(SOLD_OUT, BACK).is_sold_out(*OAT, OPENING)
    for_good = SoldOut(kind=StockKind.OPTION, slug="oat-milk", minutes=0)
    assert shop_after(for_good).is_sold_out(*OAT, OPENING + timedelta(days=30))


def test_slow_and_paused_end_by_themselves() -> None:
    after = shop_after(BarSlowedDown(extra_minutes=5, minutes=30), WebOrdersPaused(minutes=10))

    assert after.extra_at(OPENING + timedelta(minutes=29)) == 5
    assert after.extra_at(OPENING + timedelta(minutes=30)) == 0
    assert after.is_paused(OPENING + timedelta(minutes=10))
    assert not after.is_paused(OPENING + timedelta(minutes=11))
    assert shop_after(WebOrdersPaused(minutes=10), BarAtUsualPace()).paused_until is None


def test_the_shop_chooses_and_chooses_again() -> None:
    given(shop_settings.SERVICE).when(CHOOSE).then(CHOSEN)
    given(shop_settings.SERVICE, CHOSEN).when(CHOOSE).then_nothing()
    as_usual = ChooseSetting(**ENVELOPE, setting="one_tap", value="no")
    given(shop_settings.SERVICE).when(as_usual).then_nothing()
    given(shop_settings.SERVICE).when(SELL_OUT).then_refused(UnknownCommand)


def test_nobody_replaces_unseen_what_somebody_else_chose() -> None:
    milk = SettingChosen(setting="allergens", value="milk")

    def choose(value: str, seen: str | None) -> ChooseSetting:
        return ChooseSetting(**ENVELOPE, setting="allergens", value=value, seen=seen)

    usual = text_of(SETTINGS["allergens"].usual)
    given(shop_settings.SERVICE).when(choose("milk", usual)).then(milk)
    given(shop_settings.SERVICE, milk).when(choose("nuts", usual)).then_refused(ChosenElsewhere)
    given(shop_settings.SERVICE, milk).when(choose("milk", usual)).then_nothing()
    nuts = SettingChosen(setting="allergens", value="nuts")
    given(shop_settings.SERVICE, milk).when(choose("nuts", "milk")).then(nuts)
    given(shop_settings.SERVICE, milk).when(choose("nuts", None)).then(nuts)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("colour", "blue"),
        ("one_tap", "maybe"),
        ("amber_percent", "100"),
        ("amber_percent", "x"),
        ("board_language", "tlh"),
    ],
)
def test_a_setting_can_only_be_what_it_may(setting: str, value: str) -> None:
    wrong = ChooseSetting(**ENVELOPE, setting=setting, value=value)

    given(shop_settings.SERVICE).when(wrong).then_refused(BadInput)


def test_what_is_not_chosen_is_as_usual_and_so_is_what_may_not_be_chosen_any_more() -> None:
    assert shop_after().setting("amber_percent") == 75
    assert shop_after(CHOSEN).setting("one_tap") is True
    too_much = SettingChosen(setting="amber_percent", value="500")
    assert shop_after(too_much).setting("amber_percent") == 75


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_can_be_written_and_read(name: str) -> None:
    usual = SETTINGS[name].usual

    assert value_of(name, text_of(usual)) == usual


WEEK = "mon-fri 07:00-19:00, sat 18:00-02:00, 2026-12-25 closed, 2026-12-24 07:00-14:00"


def at(day: str, clock: str) -> datetime:
    """A time of the shop's clock; 7 December 2026 is a Monday."""
    return datetime.fromisoformat(f"2026-12-{day}T{clock}")


def open_by(hours: str) -> Shop:
    choose = ChooseSetting(**ENVELOPE, setting="opening_hours", value=hours)
    return shop_after(*shop_settings.SERVICE.decide(shop_settings.Chosen(), choose))


def test_without_hours_the_shop_is_always_open() -> None:
    assert shop_after().is_open(at("07", "03:00"))


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        ("07", "06:59", False),
        ("07", "07:00", True),
        ("11", "19:00", True),
        ("11", "19:01", False),
        ("12", "12:00", False),
        ("12", "18:00", True),
        ("13", "01:59", True),  # Sunday, but Saturday's evening
        ("13", "12:00", False),
        ("25", "12:00", False),  # a Friday, but that date is closed
        ("24", "13:00", True),
        ("24", "15:00", False),
    ],
)
def test_the_shop_has_a_week_and_days_that_are_different(
    day: str, clock: str, is_open: bool
) -> None:
    assert open_by(WEEK).is_open(at(day, clock)) is is_open


def test_the_last_order_is_taken_some_minutes_before_closing() -> None:
    assert open_by(WEEK).is_open(at("07", "18:50"), 10)
    assert not open_by(WEEK).is_open(at("07", "18:51"), 10)
    assert open_by("18:00-02:00").is_open(at("07", "01:50"), 10)


def test_a_range_of_days_may_go_over_the_weekend() -> None:
    shop = open_by("fri-mon 09:00-10:00")
    assert [shop.is_open(at(day, "09:30")) for day in ("10", "11", "13", "14", "15")] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_it_knows_when_it_opens_next() -> None:
    week = WEEK.split(", ")
    assert opens_next(week, at("07", "03:00")) == at("07", "07:00")
    assert opens_next(week, at("11", "20:00")) == at("12", "18:00")
    assert opens_next(week, at("24", "15:00")) == at("26", "18:00")
    assert opens_next(["2026-12-25 closed"], at("07", "03:00")) is None


@pytest.mark.parametrize(
    "wrong",
    ["7:00-19:00", "24:00-25:00", "moo 07:00-19:00", "mon", "2026-02-30 closed", "07:00"],
)
def test_hours_that_nobody_can_read_are_refused(wrong: str) -> None:
    choose = ChooseSetting(**ENVELOPE, setting="opening_hours", value=f"sun closed, {wrong}")
    given(shop_settings.SERVICE).when(choose).then_refused(BadInput)

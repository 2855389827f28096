"""Whatever is pressed, the other open screens show it, within a second: 99 of 100.

`bin/test tests/acceptance/test_two_screens.py -s` prints how long they took. No time is demanded
here beyond the patience of whoever looks: the machine of a test may be busy.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from orders.staff_buttons.buttons import BAR, TILL
from orders.staff_buttons.shop_buttons import PACE
from orders.urls import CUSTOMER
from tests.acceptance.at_two_screens import (
    GONE,
    VIEWS,
    WITHIN_SECONDS,
    Counter,
    Look,
    Press,
    bar,
    change,
    customer,
    do,
    offers,
    offers_no,
    open_counter,
    says,
    says_no,
    shop_wide,
    stands_in,
    till,
    wait_for,
    wait_for_the_opposite,
)
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import PlacedOrder

TAKE, READY = bar("take"), bar("ready")
CASH = till("cash", given="50.00")
MADE = (TAKE, READY)
ASKED = (TAKE, customer("stop"))
ONE_TAP = "manage/settings/one_tap"


@dataclass(frozen=True)
class Seen:
    """A press, what was pressed before it, and what is then to be seen on which screen."""

    press: Press
    on: Mapping[str, Look]
    before: tuple[Press, ...] = ()
    order: Mapping[str, str] = field(default_factory=dict)  # what the order is besides the usual
    comes_first: Mapping[str, Look] = field(default_factory=dict)  # seen before the press
    afterwards: tuple[Press, ...] = ()  # so that nothing is left behind for other tests

    def __str__(self) -> str:
        return str(self.press)


PRESSES = (
    # --- the bar
    Seen(TAKE, {"bar": offers("ready"), "till": says("Making"), "page": says("is making it")}),
    Seen(
        bar("take-over", who="ada"),
        {"other bar": says("Ada"), "page": says("Ada is making it")},
        before=(TAKE,),
    ),
    Seen(bar("tick", line="1"), {"bar": offers("untick"), "page": says("✓ done")}, before=(TAKE,)),
    Seen(
        bar("untick", line="1"),
        {"bar": offers("tick"), "page": says_no("✓ done")},
        before=(TAKE, bar("tick", line="1")),
    ),
    Seen(
        READY,
        {
            "bar": stands_in("done"),
            "till": says("please pay"),
            "board": stands_in("ready"),
            "page": says("Ready at"),
        },
        before=(TAKE,),
    ),
    Seen(
        bar("one-tap"),
        {"bar": stands_in("done"), "board": stands_in("ready"), "page": says("Ready at")},
        before=(shop_wide(ONE_TAP, "ada", value="yes"),),
        afterwards=(shop_wide(ONE_TAP, "ada", value="no"),),
    ),
    Seen(
        bar("line-ready", line="1"),
        {"board": stands_in("ready"), "till": says("please pay"), "page": says("Ready at")},
    ),
    Seen(
        bar("station-ready", station="bar"),
        {"board": stands_in("ready"), "till": says("please pay"), "page": says("Ready at")},
    ),
    Seen(bar("release"), {"bar": offers("take"), "page": says("In the queue")}, before=(TAKE,)),
    Seen(
        bar("bring-back", reason="misbump"),
        {"bar": offers("ready"), "board": stands_in("making"), "page": says("is making it")},
        before=MADE,
    ),
    Seen(
        bar("bring-back", reason="spilled"),
        {
            "bar": says("REMAKE – SPILLED"),
            "board": stands_in("making"),
            "page": says("before all others: it was spilled"),
        },
        before=MADE,
    ),
    Seen(
        bar("stop", disposition="stopped in time"),
        {"bar": GONE, "till": GONE, "board": GONE, "page": says("Cancelled")},
        before=ASKED,
    ),
    Seen(bar("too-late"), {"bar": offers("ready"), "page": says("It was too late")}, before=ASKED),
    Seen(
        bar("hold", reason="on the way", minutes="0"),
        {"bar": stands_in("held"), "till": says("On hold"), "page": says("On hold: on the way")},
    ),
    Seen(
        bar("resume"),
        {"bar": stands_in("queue"), "page": says("In the queue")},
        before=(bar("hold", reason="on the way", minutes="0"),),
    ),
    Seen(bar("rush", reason="waited long"), {"bar": says("RUSH")}, afterwards=(bar("no-rush"),)),
    Seen(
        bar("no-rush"),
        {"bar": says_no("RUSH")},
        before=(bar("rush", reason="waited long"),),
    ),
    Seen(
        shop_wide(ONE_TAP, "ada", value="yes"),
        {"other bar": offers("one-tap")},
        afterwards=(shop_wide(ONE_TAP, "ada", value="no"),),
    ),
    # --- the till
    Seen(CASH, {"till": offers_no("cash"), "bar": says_no("UNPAID"), "page": says("Paid.")}),
    Seen(
        till("card", card_token="demo-approve"),
        {"till": offers_no("cash"), "bar": says_no("UNPAID"), "page": says("Paid.")},
    ),
    Seen(
        till("card-by-hand"),
        {"till": offers_no("cash"), "bar": says_no("UNPAID"), "page": says("Paid.")},
    ),
    Seen(
        till("refund", reason="sorry"),
        {"till": says("Back"), "page": says("was given back")},
        before=(till("card", card_token="demo-approve"),),
        comes_first={"page": says("Paid.")},
    ),
    Seen(
        till("give-back", reason="sorry"),
        {"till": says("Given back"), "page": says("was given back")},
        before=(CASH,),
    ),
    Seen(
        till("serve"),
        {"till": GONE, "board": GONE, "page": says("Enjoy!"), "bar": says("SERVED")},
        before=(*MADE, CASH),
    ),
    Seen(
        till("not-collected"),
        {"till": GONE, "board": GONE, "page": says("We kept it"), "bar": says("NOT COLLECTED")},
        before=(*MADE, CASH),
    ),
    Seen(
        till("cancel", reason="out of beans"),
        {"till": GONE, "bar": GONE, "board": GONE, "page": says("We had to cancel: out of beans")},
    ),
    Seen(
        till("write-off", reason="a friend"),
        {"till": offers_no("cash"), "bar": says_no("UNPAID"), "page": says("nothing to pay")},
    ),
    # --- the customer
    Seen(customer("cancel"), {"till": GONE, "bar": GONE, "board": GONE, "page": says("Cancelled")}),
    Seen(change(note="extra hot"), {"bar": says("extra hot"), "page": says("extra hot")}),
    Seen(
        customer("stop"),
        {"bar": offers("too-late"), "page": says("You asked us to stop")},
        before=(TAKE,),
    ),
    Seen(
        customer("here"),
        {"bar": stands_in("queue"), "page": says("In the queue")},
        order={"pick_up": "here"},
    ),
    Seen(
        customer("got-it"),
        {"till": GONE, "board": GONE, "page": says("Enjoy!"), "bar": says("SERVED")},
        before=(*MADE, CASH),
    ),
    Seen(
        customer("pay", card_token="demo-approve"),
        {"till": offers_no("cash"), "bar": says_no("UNPAID"), "page": says("Paid.")},
    ),
)

SOLD_OUT = "bar/sold-out"
SHOP_WIDE = (
    (
        shop_wide(f"{SOLD_OUT}/item/banana-bread", "bao", sold_out="hour"),
        shop_wide(f"{SOLD_OUT}/item/banana-bread", "bao", sold_out="no"),
    ),
    (
        shop_wide(f"{SOLD_OUT}/option/oat-milk", "bao", sold_out="until I say"),
        shop_wide(f"{SOLD_OUT}/option/oat-milk", "bao", sold_out="no"),
    ),
    (shop_wide("bar/pace/slow", "bao", extra="5"), shop_wide("bar/pace/usual", "bao")),
    (shop_wide("bar/pace/pause", "bao"), shop_wide("bar/pace/usual", "bao")),
    (shop_wide(ONE_TAP, "ada", value="yes"), shop_wide(ONE_TAP, "ada", value="no")),
)
"""Presses about the shop as a whole: one, and what takes it back."""


@pytest.fixture(scope="module")
def counter(shop: Shop) -> Iterator[Counter]:
    with open_counter(shop) as opened:
        yield opened
        opened.assert_equal_screens()
        late = sum(seconds > WITHIN_SECONDS for seconds in opened.seconds)
        print(f"\nfrom the finger to another screen, ms: {opened.spread}; late: {late}")


@pytest.mark.slow
@pytest.mark.parametrize("seen", PRESSES, ids=str)
def test_a_press_is_seen_on_the_other_screens(counter: Counter, seen: Seen) -> None:
    counter.take_in()
    with counter.an_order(**seen.order) as placed, counter.tracking(placed) as page:
        views: dict[str, LiveView] = {**counter.views, "page": page}
        for view in ("bar", "till", "board"):
            assert counter.views[view].comes_to_show(placed.order), view
        do(counter, placed, seen.before)
        for name, look in seen.comes_first.items():
            wait_for(views[name], placed, look)
        for name, look in seen.on.items():
            if name != "page":
                assert VIEWS[name][0] != seen.press.who, "a screen of somebody else is needed"
            wait_for_the_opposite(views[name], placed, look)
        send = seen.press.prepared(counter, placed)
        begun = time.monotonic()
        response = send()
        assert response.status_code < 400, response.text
        for name, look in seen.on.items():
            wait_for(views[name], placed, look)
            counter.seconds.append(time.monotonic() - begun)
        do(counter, placed, seen.afterwards)


@pytest.mark.slow
def test_an_order_is_seen_on_the_other_screens(counter: Counter) -> None:
    counter.take_in()
    begun = time.monotonic()
    with counter.an_order() as placed:
        for view, look in {
            "bar": offers("take"),
            "till": offers("cash"),
            "board": stands_in("making"),
        }.items():
            wait_for(counter.views[view], placed, look)
            counter.seconds.append(time.monotonic() - begun)


@pytest.mark.slow
@pytest.mark.parametrize("presses", SHOP_WIDE, ids=lambda presses: str(presses[0]))
def test_every_open_menu_hears_of_a_change_of_the_shop(
    counter: Counter, presses: tuple[Press, ...]
) -> None:
    counter.take_in()
    news = counter.views["news"]
    for press in presses:
        before = news.state.seq
        begun = time.monotonic()
        do(counter, PlacedOrder("", ""), [press])
        news.until(lambda view: view.state.seq > before, "news of the shop")  # noqa: B023
        counter.seconds.append(time.monotonic() - begun)


def test_every_button_is_in_the_table() -> None:
    pressed = {seen.press.name for seen in PRESSES}
    pressed |= {press.name for presses in SHOP_WIDE for press in presses}
    buttons = {f"bar/{action}" for action in BAR} | {f"till/{action}" for action in TILL}
    pace = {f"bar/pace/{action}" for action in PACE}
    addresses = [str(route.pattern).split("/") for route in CUSTOMER]
    own_page = {f"o/{parts[2]}" for parts in addresses if parts[:2] == ["o", "<str:token>"]}
    assert buttons | pace | own_page <= pressed

"""Two people press at the same moment: one of them has it, the other reads why not.

Where both presses make sense after one another, whichever comes first, the end is the same. In the
end all screens of the shop are equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.acceptance.at_two_screens import (
    GONE,
    Counter,
    Look,
    Press,
    at_the_same_moment,
    bar,
    change,
    customer,
    do,
    offers,
    open_counter,
    says,
    shop_wide,
    stands_in,
    till,
    wait_for,
)
from tests.faults.recorded import read_log
from tests.shop import Shop
from tests.visitor import PlacedOrder, placed_order

pytestmark = pytest.mark.slow

ROUNDS = 2
TAKE, READY, SERVE = bar("take"), bar("ready"), till("serve")
CASH, BY_HAND = till("cash", given="50.00"), till("card-by-hand")
HOLD = bar("hold", reason="on the way", minutes="0")
PAID_AND_READY = (TAKE, READY, CASH)
ONE_TAP = "manage/settings/one_tap"


@dataclass(frozen=True)
class Race:
    """Two presses at one moment, and what is true afterwards, whoever was first.

    `both` says that both may be carried out, where the second makes sense after the first.
    """

    one: Press
    other: Press
    before: tuple[Press, ...] = ()
    both: bool = False
    ends: tuple[tuple[str, Look], ...] = ()
    once: str = ""  # this fact is recorded exactly once
    afterwards: tuple[Press, ...] = ()

    def __str__(self) -> str:
        return f"{self.one.who}: {self.one} | {self.other.who}: {self.other}"


RACES = (
    # --- two at the bar
    Race(TAKE, bar("take", who="ada"), once="PreparationStarted"),
    Race(
        READY, READY, before=(TAKE,), once="CoffeePrepared", ends=(("board", stands_in("ready")),)
    ),
    Race(READY, bar("take-over", who="ada"), before=(TAKE,)),
    Race(READY, bar("release"), before=(TAKE,)),
    Race(
        bar("hold", "ada", reason="no beans", minutes="5"),
        TAKE,
        both=True,
        once="PreparationStarted",
        ends=(("bar", offers("ready")),),
    ),
    Race(
        bar("resume", "ada"),
        TAKE,
        before=(HOLD,),
        both=True,
        once="OrderResumed",
        ends=(("bar", offers("ready")),),
    ),
    Race(
        bar("bring-back", reason="spilled"),
        bar("bring-back", "ada", reason="wrong"),
        before=(TAKE, READY),
        once="BroughtBack",
        ends=(("bar", says("REMAKE")),),
    ),
    Race(
        bar("one-tap"),
        bar("one-tap", who="ada"),
        once="CoffeePrepared",
        before=(shop_wide(ONE_TAP, "ada", value="yes"),),
        afterwards=(shop_wide(ONE_TAP, "ada", value="no"),),
    ),
    Race(
        bar("stop", disposition="wasted"),
        bar("too-late", who="ada"),
        before=(TAKE, customer("stop")),
    ),
    # --- bar and till
    Race(
        bar("bring-back", reason="quality"),
        SERVE,
        before=PAID_AND_READY,
        both=True,
        once="BroughtBack",
        ends=(("bar", says("REMAKE")), ("board", stands_in("making"))),
    ),
    Race(bar("bring-back", reason="misbump"), SERVE, before=PAID_AND_READY),
    Race(
        TAKE,
        till("cancel", reason="no beans"),
        both=True,
        once="OrderCancelled",
        ends=(("page", says("We had to cancel: no beans")),),
    ),
    Race(READY, CASH, before=(TAKE,), both=True, ends=(("till", offers("serve")),)),
    # --- two at the till
    Race(CASH, till("card-by-hand", who="ada"), once="OrderPaid"),
    Race(
        CASH,
        till("card", "ada", card_token="demo-approve"),
        once="OrderPaid",
        ends=(("page", says("Paid.")),),
    ),
    Race(CASH, till("write-off", "ada", reason="a friend")),
    Race(SERVE, till("serve", who="ada"), before=PAID_AND_READY, once="OrderServed"),
    Race(
        SERVE,
        till("not-collected", who="ada"),
        before=PAID_AND_READY,
        both=True,
        once="OrderServed",
        ends=(("page", says("Enjoy!")),),
    ),
    Race(SERVE, till("cancel", "ada", reason="closing"), before=PAID_AND_READY),
    Race(
        till("give-back", reason="sorry"),
        till("give-back", "ada", reason="sorry"),
        before=(CASH,),
        once="PaymentRefunded",
    ),
    Race(
        till("give-back", reason="sorry"),
        till("serve", who="ada"),
        before=PAID_AND_READY,
        both=True,
        once="OrderServed",
        ends=(("page", says("Enjoy!")), ("page", says("was given back"))),
    ),
    # --- the customer and the staff
    Race(
        change(note="extra hot"),
        change(note="not hot"),
        once="OrderAmended",
    ),
    Race(change(note="extra hot"), TAKE, both=True, ends=(("bar", offers("ready")),)),
    Race(
        change(note="extra hot"),
        CASH,
        both=True,
        once="OrderAmended",
        ends=(("bar", says("extra hot")), ("page", says("Paid."))),
    ),
    Race(customer("cancel"), TAKE),
    Race(
        customer("cancel"),
        CASH,
        both=True,
        once="OrderCancelled",
        ends=(("bar", GONE), ("board", GONE)),
    ),
    Race(
        customer("stop"),
        READY,
        before=(TAKE,),
        both=True,
        once="CoffeePrepared",
        ends=(("board", stands_in("ready")),),
    ),
    Race(
        customer("pay", card_token="demo-approve"),
        CASH,
        once="OrderPaid",
        ends=(("page", says("Paid.")),),
    ),
    Race(
        customer("got-it"),
        SERVE,
        before=PAID_AND_READY,
        once="OrderServed",
        ends=(("page", says("Enjoy!")), ("board", GONE)),
    ),
    Race(
        customer("got-it"),
        bar("bring-back", reason="taken"),
        before=PAID_AND_READY,
        both=True,
        once="BroughtBack",
        ends=(("bar", says("REMAKE")),),
    ),
)


@pytest.fixture(scope="module")
def counter(shop: Shop) -> Iterator[Counter]:
    with open_counter(shop) as opened:
        yield opened


def refusal_of(response: httpx.Response) -> str:
    """The sentence for who was too late; it must be one."""
    problem = response.json()
    assert response.status_code in {409, 422}, response.text
    sentence = str(problem["detail"])
    assert sentence[:1].isupper(), sentence
    assert sentence.endswith((".", "?")), sentence
    return sentence


@pytest.mark.parametrize("race", RACES, ids=str)
def test_one_has_it_and_the_other_reads_why_not(counter: Counter, race: Race) -> None:
    for _ in range(ROUNDS):
        counter.take_in()
        with counter.an_order() as placed:
            do(counter, placed, race.before)
            sends = [press.prepared(counter, placed) for press in (race.one, race.other)]
            responses = at_the_same_moment(*sends)
            won = [response for response in responses if response.status_code < 300]
            for response in responses:
                if response not in won:
                    refusal_of(response)
            assert len(won) == 1 or (race.both and len(won) == 2), [r.text for r in responses]
            do(counter, placed, race.afterwards)
            assert_it_ends_well(counter, placed, race)
    counter.wait_until_known(won[0])
    counter.assert_equal_screens()


def assert_it_ends_well(counter: Counter, placed: PlacedOrder, race: Race) -> None:
    with counter.tracking(placed) as page:
        for name, look in race.ends:
            wait_for(page if name == "page" else counter.views[name], placed, look)
    if race.once:
        log = read_log(counter.shop.eventstore_uri)
        written = [event.type_name for event in log if event.order == placed.order]
        assert written.count(race.once) == 1, written


def test_what_is_sold_out_while_it_is_ordered(counter: Counter) -> None:
    """The order came first and is made, or its customer reads what is not to be had any more."""
    off = shop_wide("bar/sold-out/item/espresso", "bao", sold_out="until I say")
    there = shop_wide("bar/sold-out/item/espresso", "bao", sold_out="no")
    nothing = PlacedOrder("", "")
    for _ in range(ROUNDS):
        send = counter.send_order("espresso")
        sold_out, ordered = at_the_same_moment(off.prepared(counter, nothing), send)
        assert sold_out.status_code < 300, sold_out.text
        if ordered.status_code == 201:
            placed = placed_order(ordered)
            wait_for(counter.views["bar"], placed, offers("take"))
            counter.end(placed.order)
        else:
            assert refusal_of(ordered) == "Espresso is sold out."
        later = counter.send_order("espresso")()
        assert refusal_of(later) == "Espresso is sold out."
        do(counter, nothing, [there])
        with counter.an_order():
            pass

"""How many orders may be open: of a device, of an address, and all together."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone

from barstucks_site.admission.open_orders import OpenOrders
from barstucks_site.admission.recent_orders import REMEMBERED_SECONDS, RecentOrders
from barstucks_site.admission.tests.test_token_bucket import Clock
from orders.admission import NotAdmitted, Origin, ShopFull, TooManyUnpaid
from orders.domain.shop import Shop
from orders.event_store import OutcomeUnknown
from projections.screens.barista_queue.queries import OpenOrder

HERE, ELSEWHERE = "203.0.113.5", "198.51.100.7"
PHONE = UUID(int=1)


class Bar:
    """A queue that a test fills, and that may be away."""

    def __init__(self) -> None:
        self.known: dict[str, OpenOrder] = {}
        self.made = 0
        self.rushed = 0
        self.shop = Shop()
        self.away = False
        self.looks = 0

    def open_among(self, orders: Collection[str]) -> Mapping[str, OpenOrder]:
        self._look()
        return {order: self.known[order] for order in orders if order in self.known}

    def open_count(self, besides: Collection[str] = ()) -> int:
        self._look()
        return sum(seen.to_make for order, seen in self.known.items() if order not in besides)

    def made_within(self, _minutes: int) -> int:
        self._look()
        return self.made

    def rushed_besides(self, _order: str) -> int:
        self._look()
        return self.rushed

    def _look(self) -> None:
        self.looks += 1
        if self.away:
            raise DatabaseError("away")


@pytest.fixture
def bar() -> Bar:
    return Bar()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(bar: Bar, clock: Clock) -> Callable[..., OpenOrders]:
    def open_shop(per_device: int = 2, per_address: int = 4, in_all: int = 10) -> OpenOrders:
        return OpenOrders(
            RecentOrders(clock),
            bar,
            per_device=per_device,
            per_address=per_address,
            in_all=in_all,
            clock=clock,
            shop=lambda: bar.shop,
        )

    return open_shop


def place(shop: OpenOrders, origin: Origin | None, order: UUID | None = None) -> UUID:
    order = order or uuid4()
    with shop.admitted(order, origin):
        return order


def code_of(shop: OpenOrders, origin: Origin | None) -> str:
    try:
        place(shop, origin)
    except NotAdmitted as refusal:
        return refusal.code
    return ""


def test_while_the_bar_pauses_only_the_counter_orders(
    opened: Callable[..., OpenOrders], bar: Bar
) -> None:
    shop, phone = opened(), Origin(HERE, PHONE)
    bar.shop = Shop(paused_until=timezone.now() + timedelta(minutes=9))
    assert code_of(shop, phone) == "shop_full"
    assert code_of(shop, None) == ""
    full = shop.full()
    assert full is not None
    assert (full.is_paused, full.minutes) == (True, 9)
    assert full.sentence == "Please order at the counter; here again in about 9 minutes."
    bar.shop = Shop(paused_until=timezone.now() - timedelta(seconds=1))
    assert code_of(shop, phone) == ""


def test_few_orders_rush_at_one_time(opened: Callable[..., OpenOrders], bar: Bar) -> None:
    shop = opened()
    for rushed, may in ((0, True), (1, True), (2, False)):
        bar.rushed = rushed
        assert shop.may_rush(uuid4()) is may
    bar.shop = Shop(chosen={"most_rushed": "3"})
    assert shop.may_rush(uuid4())
    bar.rushed, bar.away = 9, True
    assert shop.may_rush(uuid4())


def test_a_device_may_have_two_unpaid_orders_and_a_paid_one_makes_room(
    opened: Callable[..., OpenOrders], bar: Bar
) -> None:
    shop, phone = opened(), Origin(HERE, PHONE)
    first = place(shop, phone)
    place(shop, phone)
    with pytest.raises(TooManyUnpaid):
        place(shop, phone)
    bar.known[first.hex] = OpenOrder(to_make=True, unpaid=False)
    assert code_of(shop, phone) == ""
    assert code_of(shop, phone) == "too_many_unpaid_orders"


def test_an_address_may_have_four_and_another_is_not_concerned(
    opened: Callable[..., OpenOrders],
) -> None:
    shop = opened()
    codes = [code_of(shop, Origin(HERE, uuid4())) for _ in range(5)]
    assert codes == ["", "", "", "", "too_many_unpaid_orders"]
    assert code_of(shop, Origin(ELSEWHERE, None)) == ""


def test_beyond_the_ceiling_the_shop_is_full_whoever_asks(
    opened: Callable[..., OpenOrders],
) -> None:
    shop = opened(in_all=3)
    codes = [code_of(shop, Origin(f"203.0.113.{n}", None)) for n in range(5)]
    assert codes == ["", "", "", "shop_full", "shop_full"]


def test_the_counter_is_counted_and_never_refused(
    opened: Callable[..., OpenOrders], clock: Clock
) -> None:
    shop = opened(in_all=3)
    assert [code_of(shop, None) for _ in range(5)] == [""] * 5
    assert code_of(shop, Origin(HERE, None)) == "shop_full"
    assert shop.full() is not None


def test_orders_on_the_screens_are_counted_once(
    opened: Callable[..., OpenOrders], bar: Bar
) -> None:
    shop = opened(in_all=3)
    for _ in range(2):
        order = place(shop, Origin(uuid4().hex, None))
        bar.known[order.hex] = OpenOrder(to_make=True, unpaid=True)
    assert code_of(shop, Origin(HERE, None)) == ""
    assert code_of(shop, Origin(HERE, None)) == "shop_full"


def test_what_was_made_makes_room_and_the_pace_of_the_bar_says_when(
    opened: Callable[..., OpenOrders], bar: Bar, clock: Clock
) -> None:
    shop = opened(in_all=10)
    for _ in range(10):
        bar.known[uuid4().hex] = OpenOrder(to_make=True, unpaid=True)
    bar.made = 5  # in ten minutes: the one until there is room again takes two
    full = shop.full()
    assert full is not None
    assert (full.minutes, full.open_orders) == (2, 10)
    with pytest.raises(ShopFull, match="in about 2 minutes") as refused:
        place(shop, Origin(HERE, None))
    assert refused.value.retry_after == 120
    bar.known.popitem()
    clock.now += 2
    assert shop.full() is None


def test_a_bar_that_made_nothing_yet_promises_the_promised_time(
    opened: Callable[..., OpenOrders],
) -> None:
    shop = opened(in_all=1)
    place(shop, None)
    with pytest.raises(ShopFull, match="in about 4 minutes"):
        place(shop, Origin(HERE, None))


def test_the_same_order_again_is_the_same_order(opened: Callable[..., OpenOrders]) -> None:
    shop, phone, order = opened(per_device=1, in_all=1), Origin(HERE, PHONE), uuid4()
    for _ in range(3):
        place(shop, phone, order)


@pytest.mark.parametrize(("error", "later"), [(ValueError, ""), (OutcomeUnknown, "shop_full")])
def test_an_order_that_was_not_placed_takes_no_room_unless_nobody_knows(
    opened: Callable[..., OpenOrders], error: type[Exception], later: str
) -> None:
    shop = opened(in_all=1)
    with pytest.raises(error), shop.admitted(uuid4(), Origin(HERE, None)):
        raise error
    assert code_of(shop, Origin(HERE, None)) == later


def test_without_a_read_model_time_alone_counts(
    opened: Callable[..., OpenOrders], bar: Bar, clock: Clock
) -> None:
    shop = opened(per_device=2)
    bar.away = True
    assert shop.full() is None
    phone = Origin(HERE, PHONE)
    assert [code_of(shop, phone) for _ in range(3)] == ["", "", "too_many_unpaid_orders"]
    clock.now += REMEMBERED_SECONDS + 1
    assert code_of(shop, phone) == ""


def test_no_limit_is_no_limit_and_no_look(opened: Callable[..., OpenOrders], bar: Bar) -> None:
    shop = opened(per_device=0, per_address=0, in_all=0)
    assert [code_of(shop, Origin(HERE, PHONE)) for _ in range(30)] == [""] * 30
    assert bar.looks == 0


def test_far_below_the_limits_the_read_model_is_counted_once_a_second(
    opened: Callable[..., OpenOrders], bar: Bar, clock: Clock
) -> None:
    shop = opened(per_device=50, per_address=50, in_all=100)
    for _ in range(20):
        place(shop, Origin(HERE, PHONE))
    assert bar.looks == 1  # nobody came before the first: no order had to be looked for

    clock.now += 1
    place(shop, Origin(HERE, PHONE))
    assert bar.looks == 3


def test_near_the_ceiling_every_order_is_counted(
    opened: Callable[..., OpenOrders], bar: Bar
) -> None:
    shop = opened(per_device=0, per_address=0, in_all=10)
    placed = [place(shop, Origin(HERE, PHONE)) for _ in range(10)]
    assert code_of(shop, Origin(HERE, PHONE)) == "shop_full"

    bar.known[placed[0].hex] = OpenOrder(to_make=False, unpaid=False)
    assert code_of(shop, Origin(HERE, PHONE)) == ""


def test_forty_at_once_from_one_device_are_no_more_than_two(
    opened: Callable[..., OpenOrders],
) -> None:
    shop, phone = opened(per_device=2, per_address=100, in_all=100), Origin(HERE, PHONE)
    codes: list[str] = []
    together = Barrier(40)

    def order() -> None:
        together.wait()
        codes.append(code_of(shop, phone))

    threads = [Thread(target=order) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count("") == 2


def test_memory_is_bounded(clock: Clock) -> None:
    recent = RecentOrders(clock, most=10)
    for n in range(100):
        recent.enter([f"address:{n}"], uuid4().hex)
    assert len(recent._keys) == 10

"""Many commands at once on a running Eventstore: one winner, nothing lost, nothing doubled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

from orders.command_handler import CONFLICTS, handle
from orders.domain import ordering, payment, preparation
from orders.domain.events import Station
from orders.domain.refused import AlreadyTaken, TooLateToChange
from orders.event_store import EventStore
from orders.tests.shop_cast import LATTE, envelope, latte_order


def stream() -> str:
    return f"order-{uuid4().hex}"


def test_bar_and_till_race_on_many_orders_and_nothing_is_lost(store: EventStore) -> None:
    orders = [stream() for _ in range(25)]
    for order in orders:
        handle(order, latte_order(), store=store)
    before = _conflicts()

    def prepare(order: str) -> None:
        for command in (
            preparation.StartPreparation(**envelope(), barista="staff-1"),
            preparation.TickLine(**envelope(), barista="staff-1", line=1),
            preparation.FinishPreparation(**envelope(), barista="staff-1", desk=1),
        ):
            handle(order, command, store=store)

    def pay(order: str) -> None:
        command = payment.TakeCash(**envelope(), payment=uuid4().hex, given=570)
        handle(order, command, store=store)

    with ThreadPoolExecutor(8) as pool:
        racing = [pool.submit(work, order) for order in orders for work in (prepare, pay)]
        for future in racing:
            future.result()

    for order in orders:
        types = [event.type_name for event in store.read_stream(order)]
        assert sorted(types) == [
            "CoffeeOrdered",
            "CoffeePrepared",
            "LinePrepared",
            "OrderPaid",
            "PreparationStarted",
        ]
    assert _conflicts() > before


def test_of_two_who_made_the_last_lines_at_once_each_is_counted_once(store: EventStore) -> None:
    orders = [stream() for _ in range(20)]
    for order in orders:
        latte = latte_order()
        roll = replace(latte.lines[0], line=2, item="roll", station=Station.FOOD)
        with_food = replace(latte, lines=(*latte.lines, roll))
        handle(order, with_food, store=store)

    def make(order: str, station: Station) -> None:
        made = preparation.PrepareStation(
            **envelope(), barista=f"staff-{station}", desk=1, station=station
        )
        handle(order, made, store=store)

    with ThreadPoolExecutor(8) as pool:
        racing = [
            pool.submit(make, order, station)
            for order in orders
            for station in (Station.BAR, Station.FOOD)
        ]
        for future in racing:
            future.result()

    for order in orders:
        types = [event.type_name for event in store.read_stream(order)]
        assert types == [
            "CoffeeOrdered",
            "PreparationStarted",
            "LinePrepared",
            "LinePrepared",
            "CoffeePrepared",
        ]


def _conflicts() -> float:
    return sum(
        sample.value
        for metric in CONFLICTS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    )


def test_of_eight_baristas_one_gets_the_order(store: EventStore) -> None:
    order = stream()
    handle(order, latte_order(), store=store)

    def take(number: int) -> bool:
        command = preparation.StartPreparation(**envelope(), barista=f"staff-{number}")
        try:
            handle(order, command, store=store)
        except AlreadyTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_who_changes_and_who_takes_an_order_race_and_one_of_them_wins(store: EventStore) -> None:
    orders = [stream() for _ in range(20)]
    for order in orders:
        handle(order, latte_order(), store=store)

    def take(order: str) -> str:
        handle(order, preparation.StartPreparation(**envelope(), barista="staff-1"), store=store)
        return "taken"

    def change(order: str) -> str:
        lines = (replace(LATTE, quantity=2),)
        command = ordering.AmendOrder(
            **envelope(), lines=lines, note="", allergies="", replaces=0, added_seconds=60
        )
        try:
            handle(order, command, store=store)
        except TooLateToChange as refusal:
            return f"{refusal.barista} was faster"
        return "changed"

    with ThreadPoolExecutor(8) as pool:
        racing = [(order, pool.submit(change, order)) for order in orders]
        for taken in [pool.submit(take, order) for order in orders]:
            assert taken.result() == "taken"

    for order, changed in racing:
        types = [event.type_name for event in store.read_stream(order)]
        first = ["OrderAmended"] if changed.result() == "changed" else []
        assert first or changed.result() == "staff-1 was faster"
        assert types == ["CoffeeOrdered", *first, "PreparationStarted"]


def test_the_same_form_five_times_at_once_is_one_order(store: EventStore) -> None:
    order, command = stream(), latte_order()

    with ThreadPoolExecutor(5) as pool:
        responses = list(pool.map(lambda _: handle(order, command, store=store), range(5)))

    assert len(store.read_stream(order)) == 1
    assert len({response.position for response in responses}) == 1

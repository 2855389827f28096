"""A screen that receives every push equals a freshly opened one, after each of them."""

import json

import pytest

from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    OrderServed,
    PreparationStarted,
)
from projections.engine.sequences import Committed
from projections.live import push, snapshots
from projections.screen import Room
from projections.screens.barista_queue.queries import DONE_SHOWN
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import EVERY_VIEW, projector_of
from projections.tests.shop_day import random_day
from projections.tests.some_orders import order_stream_number, ordered
from projections.tests.test_chaos import PUSHED, Client

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

ORDERS = DONE_SHOWN + 6


def follow(log: InMemoryLog, view: str, sizes: list[int]) -> None:
    """Project the log in batches of these sizes; compare after each."""
    changes: list[Committed] = []
    projector = projector_of(log, push=changes.extend)
    client = Client(view)
    client.ask()
    at, crowded = 0, False
    while at < len(log.events):
        size = sizes.pop(0) if sizes else 1
        projector.handle(log.events[at : at + size])
        at += size
        message = push.message_of(changes, EVERY_VIEW)
        changes.clear()
        room = Room()
        truth = json.loads(snapshots.snapshot(view, room))
        if view in message["frames"] and not (crowded or room.left_out):
            client.take(message["frames"][view])
        elif view in message["frames"] or view in message["touched"]:
            client.ask()
        crowded = room.left_out > 0
        assert {key: fragment["html"] for key, fragment in client.shown.items()} == {
            fragment["id"]: fragment["html"] for fragment in truth["fragments"]
        }


def test_several_tickets_finished_by_one_commit_push_as_many_out_of_the_drawer() -> None:
    log = InMemoryLog()
    for number in range(1, ORDERS + 1):
        stream = order_stream_number(number)
        log.write(stream, ordered(number), PreparationStarted(barista="staff-1"))
    for number in range(1, ORDERS + 1):
        log.write(order_stream_number(number), CoffeePrepared(desk=1))
    follow(log, "barista-queue", [2 * ORDERS, DONE_SHOWN, 3, 2, 1])


def test_the_last_of_the_drawer_returns_when_one_is_brought_back() -> None:
    log = InMemoryLog()
    for number in range(1, ORDERS + 1):
        stream = order_stream_number(number)
        started = PreparationStarted(barista="staff-1")
        log.write(stream, ordered(number), started, CoffeePrepared(desk=1))
    newest = order_stream_number(ORDERS)
    log.write(newest, BroughtBack(reason=BringBackReason.MISBUMP, lines=()))
    follow(log, "barista-queue", [6] * 10)


def test_what_is_served_after_it_left_the_drawer_does_not_come_back_into_it() -> None:
    log = InMemoryLog()
    for number in range(1, ORDERS + 1):
        stream = order_stream_number(number)
        started = PreparationStarted(barista="staff-1")
        log.write(stream, ordered(number), started, CoffeePrepared(desk=1))
    for number in range(1, ORDERS + 1):
        log.write(order_stream_number(number), OrderServed())
    follow(log, "barista-queue", [])


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("view", PUSHED)
def test_on_any_day(view: str, seed: int) -> None:
    log = random_day(seed, orders=30, steps=500)
    follow(log, view, [1, 7, 2, 12, 3] * 40)

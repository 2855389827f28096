"""G5, G6, G7 and G11: what a long history costs, as rows of the table.

The figures come from `rebuilds`, `past_orders`, `past_screens` and `opened_shop`, each a command of
its own; the shops with so long a history are made once and shared.
"""

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.load import opened_shop, past_orders, past_screens, rebuilds
from tests.load.filled_shop import FilledShops
from tests.load.looking_back import CUSTOMER, ORDER, SCREENS, TOPIC, live, then
from tests.load.side_by_side import Limit, Progress, Row


@cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="barstucks-shops-")


@cache
def shops() -> FilledShops:
    """The shops of this run; they are gone with the process."""
    return FilledShops(Path(_scratch().name))


def rebuilding(rounds: int, lengths: Sequence[int], progress: Progress) -> list[Row]:
    """G5: events a second, beside `eventsourcing`, and the peak of memory."""
    measured = rebuilds.measure(shops(), lengths, rounds=rounds)
    progress(1)
    rows = []
    for events, sides in measured.items():
        ours, peers = sides[rebuilds.SHOP], sides[rebuilds.PEER]
        what, peer = f"rebuild, {events:,} events", "eventsourcing's projections"
        rate = Row("G5", f"{what}: events/s", Limit(10_000), peer)
        rate.ours, rate.peers = ours[rebuilds.RATE], peers[rebuilds.RATE]
        beside = Row("G5", f"{what}: the same beside", Limit(3, of_ratio=True), peer)
        beside.ours, beside.peers = rate.ours, rate.peers
        memory = Row("G5", f"{what}: peak memory MB", None, peer)
        memory.ours, memory.peers = ours[rebuilds.PEAK], peers[rebuilds.PEAK]
        rows += [rate, beside, memory]
    return rows


def past_of_one(rounds: int, lengths: Sequence[int], progress: Progress) -> list[Row]:
    """G6: one order and one customer at a time T, at the longest beside the shortest history."""
    measured = past_orders.measure(shops(), lengths, rounds=rounds)
    progress(1)
    shortest, longest = min(lengths), max(lengths)
    rows = []
    for look in (ORDER, CUSTOMER):
        same = Limit(1.1, at_most=True, of_ratio=True) if longest > shortest else None
        row = Row("G6", f"{look} at T, {longest:,} events: ms", same, f"{shortest:,} events")
        row.ours, row.peers = measured[longest][look], measured[shortest][look]
        rows.append(row)
    topic = Row("G6", f"{ORDER} at T, {longest:,} events: ms", None, "read from a topic")
    topic.ours, topic.peers = measured[longest][ORDER][:1], measured[longest][TOPIC][:1]
    return [*rows, topic]


def past_of_a_screen(rounds: int, lengths: Sequence[int], progress: Progress) -> list[Row]:
    """G7: whole screens at a time T beside their live pages."""
    longest = max(lengths)
    figures = past_screens.measure(shops(), [longest], rounds=rounds)[longest]
    progress(1)
    rows = []
    for screen in SCREENS:
        twice = Limit(2, at_most=True, of_ratio=True)
        row = Row("G7", f"{screen} at T, {longest:,} events: ms", twice, "the live page")
        row.ours, row.peers = figures[then(screen)], figures[live(screen)]
        rows.append(row)
    return rows


def opening(rounds: int, lengths: Sequence[int], progress: Progress) -> list[Row]:
    """G11: opening the log and the shop after a long history, beside an empty one."""
    longest = max(lengths)
    measured = opened_shop.measure(shops(), [longest], rounds=rounds)
    progress(1)
    limits = {
        opened_shop.OPEN: Limit(1, at_most=True),
        opened_shop.FIRST_PAGE: Limit(5, at_most=True),
        opened_shop.APPEND: Limit(1.1, at_most=True, of_ratio=True),
        opened_shop.MEMORY_USED: Limit(150, at_most=True),
    }
    rows = []
    for name, limit in limits.items():
        row = Row("G11", f"{name}, {longest:,} events", limit, "empty")
        row.ours, row.peers = measured[longest][name], measured[opened_shop.EMPTY][name]
        rows.append(row)
    return rows

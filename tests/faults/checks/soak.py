"""A long day: memory, open files, threads and files on the disk stay as they are."""

import time

from tests.faults.check import Check, Figure, Progress
from tests.faults.honest_people import BEHIND_A_PROXY, HonestPeople, menu_p99
from tests.faults.processes import memory_mib, open_files, threads
from tests.shop import PARTS, Shop

MOST_MIB_AN_HOUR = 8.0
"""Twenty times a quiet shop's 1 MiB: state in memory grows with orders, which come faster here."""

MOST_WAL_MIB = 64.0
ORDERS_A_SECOND = 2.0


def soak(shop: Shop, count: int, progress: Progress) -> Figure:
    """So many minutes of two orders a second; the first third is for warming up."""
    seen: list[tuple[float, float]] = []
    with HonestPeople(shop, orders=ORDERS_A_SECOND, looks=2) as people:
        began = time.monotonic()
        warm = began + 60 * count / 3
        files = threads_before = 0
        while (now := time.monotonic()) < began + 60 * count:
            if now >= warm:
                seen.append((now, sum(memory_mib(shop.pid(part)) for part in PARTS)))
                files = files or sum(open_files(shop.pid(part)) for part in PARTS)
                threads_before = threads_before or sum(threads(shop.pid(part)) for part in PARTS)
            time.sleep(2)
            progress((now - began) / 60)
        more_files = sum(open_files(shop.pid(part)) for part in PARTS) - files
        more_threads = sum(threads(shop.pid(part)) for part in PARTS) - threads_before
        p99 = menu_p99(people.looks(warm, time.monotonic()))
    slope = _slope(seen) * 3600
    wal = max((f.stat().st_size for f in shop.var.rglob("*-wal")), default=0) / 2**20
    text = (
        f"{slope:+.1f} MiB an hour, {more_files:+d} open files, {more_threads:+d} threads, "
        f"largest WAL {wal:.0f} MiB, menu p99 {p99:.0f} ms"
    )
    flat = more_files <= 10 and more_threads <= 2 and wal <= MOST_WAL_MIB
    return Figure(text, flat and slope <= MOST_MIB_AN_HOUR * ORDERS_A_SECOND * 10)


def _slope(seen: list[tuple[float, float]]) -> float:
    """Of the straight line that fits best, a second."""
    mean_x = sum(x for x, _ in seen) / len(seen)
    mean_y = sum(y for _, y in seen) / len(seen)
    spread = sum((x - mean_x) ** 2 for x, _ in seen)
    return sum((x - mean_x) * (y - mean_y) for x, y in seen) / spread if spread else 0.0


SOAK = [
    Check(
        name="soak",
        fault="T20",
        goal="memory, files and threads flat; WAL ≤ 64 MiB",
        run=soak,
        full=30,
        environment=BEHIND_A_PROXY,
        needs_own_shop=True,
    ),
]

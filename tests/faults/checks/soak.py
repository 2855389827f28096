"""A long day in a busy shop: memory, open files, threads and files on the disk stay as they are."""

import time

from tests.faults.check import Check, Figure, Progress
from tests.faults.checks.rush import LAST_SECONDS, acknowledged_in, begin_rush
from tests.faults.processes import memory_mib, open_files, threads
from tests.shop import PARTS, Shop

CUSTOMERS_A_MINUTE = 60
MOST_KIB_AN_ORDER = 40.0
"""The projector keeps the last 5,000 orders in memory: until then each takes some."""

MOST_MIB = 30.0
"""Besides: what Python's allocator still takes after the first third."""

MOST_FILES = 20
MOST_THREADS = 4
MOST_WAL_MIB = 64.0


def soak(shop: Shop, count: int, progress: Progress) -> Figure:
    """A rush of so many minutes; the first third is for warming up."""
    files = shop.log.with_name("rush")
    files.mkdir()
    rush = begin_rush(shop, files, customers=CUSTOMERS_A_MINUTE * count, minutes=count)
    began = time.monotonic()
    warm, warm_orders = None, 0
    try:
        while rush.poll() is None and time.monotonic() < began + 60 * count + LAST_SECONDS:
            time.sleep(2)
            progress(min(count, (time.monotonic() - began) / 60))
            if warm is None and time.monotonic() > began + 60 * count / 3:
                warm, warm_orders = _resources(shop), len(acknowledged_in(files))
        output, _ = rush.communicate(timeout=LAST_SECONDS)
    finally:
        if rush.poll() is None:
            rush.kill()
            rush.wait()
    if rush.returncode != 0 or warm is None:
        return Figure(f"the rush found: {output[-200:]}", held=False)
    orders = max(1, len(acknowledged_in(files)) - warm_orders)
    memory, more_files, more_threads = (
        after - before for after, before in zip(_resources(shop), warm, strict=True)
    )
    wal = max((f.stat().st_size for f in shop.var.rglob("*-wal")), default=0) / 2**20
    text = (
        f"{orders} orders made every step; {memory:+.0f} MiB ({1024 * memory / orders:+.0f} KiB "
        f"an order), "
        f"{more_files:+.0f} open files, {more_threads:+.0f} threads, largest WAL {wal:.0f} MiB"
    )
    flat = more_files <= MOST_FILES and more_threads <= MOST_THREADS and wal <= MOST_WAL_MIB
    return Figure(text, flat and memory <= MOST_MIB + orders * MOST_KIB_AN_ORDER / 1024)


def _resources(shop: Shop) -> tuple[float, float, float]:
    """Memory in MiB, open files and threads of all parts together."""
    pids = [shop.pid(part) for part in PARTS]
    return (
        sum(memory_mib(pid) for pid in pids),
        sum(open_files(pid) for pid in pids),
        sum(threads(pid) for pid in pids),
    )


SOAK = [
    Check(
        name="soak",
        fault="T20",
        goal="≤ 30 MiB, and 40 KiB more an order; files and threads flat; WAL ≤ 64 MiB",
        run=soak,
        full=30,
        needs_own_shop=True,
    ),
]

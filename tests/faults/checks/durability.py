"""The log on its disk: power cuts, the order of syncs, kills, disks that are full or broken.

The work is done by the embedded Eventstore's own tests; here they get a row in the report.
"""

import os
import shutil
from pathlib import Path

from embedded_eventstore.tests import durability, full_disks, given, test_sync_order, test_torn_log
from embedded_eventstore.tests.server_process import MODULE, ServerProcess
from orders.event_store.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    StreamState,
)
from tests.faults.check import Check, Figure, Progress
from tests.shop import Shop

SYNC_FAILED = 75
STEPS = 10


def torn_logs(shop: Shop, count: int, progress: Progress) -> Figure:
    """Cut the log's files anywhere after an acknowledgement, open them, and look."""
    recording = test_torn_log.record(shop.var / "whole")
    lost = 0
    with test_torn_log.quick_scratch() as scratch:
        for seed in range(count):
            lost += test_torn_log.missing_after_power_cut(recording, scratch, seed)
            progress(seed + 1)
        careless = test_torn_log.record(shop.var / "careless", test_torn_log.SyncsNothing)
        control = test_torn_log.lost(careless, scratch, 60)
    text = f"{lost} acknowledged appends lost (of a log that never syncs: {control} in 60)"
    return Figure(text, lost == 0 and control > 0)


def sync_order(shop: Shop, count: int, progress: Progress) -> Figure:
    """Watch the log's system calls: a response is sent after the sync of its append."""
    if test_sync_order.STRACE is None:
        return Figure("there is no strace here", None)
    early, appends = 0, 0
    while appends < count:
        place = shop.var / f"trace-{appends}"
        place.mkdir()
        try:
            early += len(test_sync_order.trace(place, MODULE).answered_early())
        except AssertionError:
            return Figure("a response was sent before its append was written", held=False)
        appends += test_sync_order.APPENDS
        progress(appends)
    return Figure(f"{early} of {appends} appends answered before their sync returned", early == 0)


def failing_sync(shop: Shop, count: int, progress: Progress) -> Figure:
    """Let one of the log's syncs fail (EIO): it has to stop, and to have all it acknowledged."""
    strace = shutil.which("strace")
    if strace is None:
        return Figure("there is no strace here", None)
    lost = went_on = 0
    for number in range(count):
        data = shop.var / f"broken-{number}"
        inject = f"inject=fdatasync,fsync:error=EIO:when={6 + 3 * number}"
        under = (strace, "-D", "-f", "-q", "-e", inject, "-o", os.devnull)
        acknowledged = _append_until_it_fails(data, under)
        if acknowledged is None:
            went_on += 1
        else:
            with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
                there = {event.id for event in client.get_stream("s-1")} if acknowledged else set()
            lost += len([event for event in acknowledged if event not in there])
        progress(number + 1)
    text = f"{lost} acknowledged events lost, {count - went_on} of {count} times stopped"
    return Figure(text, lost == 0 and went_on == 0)


def _append_until_it_fails(data: Path, under: tuple[str, ...]) -> list[object] | None:
    """What was acknowledged until the log ended because of its disk; None if it did not."""
    acknowledged: list[object] = []
    try:
        with ServerProcess(data, under=under) as server:
            with EventStoreDBClient(server.uri) as client:
                for _ in range(200):
                    event = given.an_event()
                    try:
                        client.append_to_stream(
                            "s-1", current_version=StreamState.ANY, events=event, timeout=5
                        )
                    except (EventStoreDBClientException, ValueError):
                        break
                    acknowledged.append(event.id)
                else:
                    return None
            server.process.wait(20)
            return acknowledged if server.process.returncode == SYNC_FAILED else None
    except AssertionError:  # it failed while it started
        return acknowledged


def log_kills(shop: Shop, count: int, progress: Progress) -> Figure:
    """kill -9 of the log alone, with sixteen writers who insist."""
    text = ""
    for begun in range(0, count, durability.KILLS_OF_ONE_LOG):
        place = shop.var / f"kills-{begun}"
        place.mkdir()
        text = durability._kills(place, min(durability.KILLS_OF_ONE_LOG, count - begun))
        shutil.rmtree(place)
        progress(begun + durability.KILLS_OF_ONE_LOG)
    return Figure(text, held=True)


def log_disk_full(shop: Shop, count: int, progress: Progress) -> Figure:
    """Fill the log's disk again and again, where one can be mounted here."""
    kind = full_disks.kinds()[-1]
    (shop.var / "full").mkdir()
    text = durability._full(shop.var / "full", kind, count)
    progress(count)
    return Figure(f"{kind.__name__}: {text}", held=True)


def drills(shop: Shop, count: int, progress: Progress) -> Figure:
    """Take backups while writers write, restore each, and compare every event."""
    (shop.var / "drills").mkdir()
    text = durability._drills(shop.var / "drills", count)
    progress(count)
    return Figure(text, held=True)


DURABILITY = [
    Check(
        name="torn-logs",
        fault="T2",
        goal="0 acknowledged appends lost; a log that never syncs is caught",
        run=torn_logs,
        full=10_000,
        short=300,
        starts_shop=False,
    ),
    Check(
        name="sync-order",
        fault="T2",
        goal="every append is synced before it is answered",
        run=sync_order,
        full=200,
        short=20,
        starts_shop=False,
    ),
    Check(
        name="failing-sync",
        fault="T3",
        goal="the log stops at once; 0 acknowledged events lost",
        run=failing_sync,
        full=20,
        short=1,
        starts_shop=False,
    ),
    Check(
        name="log-kills",
        fault="T1",
        goal="0 acknowledged events lost, 0 doubled",
        run=log_kills,
        full=1_000,
        short=3,
        starts_shop=False,
    ),
    Check(
        name="log-disk-full",
        fault="T7",
        goal="refused, readable, and going on by itself; 0 lost",
        run=log_disk_full,
        full=50,
        short=2,
        starts_shop=False,
    ),
    Check(
        name="drills",
        fault="T12",
        goal="0 events differ between a log and its restored backup",
        run=drills,
        full=20,
        short=1,
        starts_shop=False,
    ),
]

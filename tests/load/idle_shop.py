"""G12: what an open shop costs while nobody orders: CPU and memory of all its processes.

Ten screens are open. Memory is the proportional share (PSS): what processes have in common counts
once. Both include the supervisor.
"""

import json
import re
import time
from contextlib import ExitStack
from pathlib import Path

from tests.live_view import open_socket
from tests.load.open_shops import cpu_seconds, wait_until_quiet
from tests.load.side_by_side import Limit, Progress, Row
from tests.shop import PARTS, Shop
from tests.visitor import Visitor

SCREENS = 10


def memory_mib(pid: int, kind: str) -> float:
    """`Pss` or `Rss` of a process, in MiB."""
    found = re.search(rf"^{kind}: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    assert found is not None
    return int(found[1]) / 1024


def measure(rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Rows of CPU and of memory."""
    cpu = Row("G12", f"idle, {SCREENS} screens open: % of a core", Limit(3.0, at_most=True))
    shared = Row("G12", "memory of all processes, PSS MiB", Limit(400, at_most=True))
    resident = Row("G12", "memory of all processes, RSS MiB")
    with ExitStack() as stack:
        shop = stack.enter_context(Shop())
        bao = stack.enter_context(Visitor(shop))
        bao.log_in("bao", shop.logins["bao"], "/bar/")
        for number in range(SCREENS):
            view = ("barista-queue", "board")[number % 2]
            stack.enter_context(open_socket(bao, view, bao.url))
        wait_until_quiet(shop)
        supervisor = json.loads((shop.var / "run.json").read_text())["supervisor"]
        pids = [supervisor, *(shop.pid(part) for part in PARTS)]
        for turn in range(rounds):
            before = sum(map(cpu_seconds, pids))
            time.sleep(seconds)
            cpu.note((sum(map(cpu_seconds, pids)) - before) / seconds * 100)
            shared.note(sum(memory_mib(pid, "Pss") for pid in pids))
            resident.note(sum(memory_mib(pid, "Rss") for pid in pids))
            progress((turn + 1) / rounds)
    return [cpu, shared, resident]

"""Django's own ASGI handler beside the threaded one: `python tests/load/threaded_handler.py`.

Two daphne processes serve the same site: a trivial view, and one like placing an order (session,
user, form token, a form, three INSERTs in SQLite with synchronous=FULL). Both are asked in turns,
by the same clients, so that whatever else the machine does hits both alike. Prints the medians of
the turns and their ratio; below a minute.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

CLIENTS = 8
HANDLERS = ("django", "threaded")
VIEWS = ("trivial", "order")


@dataclass(frozen=True)
class Turn:
    """What one handler did in one turn: responses per second, CPU milliseconds per response."""

    rate: float
    cpu: float


@contextmanager
def serving(handler: str, directory: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """One server in a process of its own, with a database of its own; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.threaded_handler_site", handler],
        cwd=ROOT,
        env=os.environ
        | {"BARSTUCKS_VAR": str(directory), "DJANGO_SETTINGS_MODULE": "barstucks_site.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process until now."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


async def turn(port: int, process: subprocess.Popen[str], view: str, seconds: float) -> Turn:
    """Ask for so long with all clients."""
    responses = 0
    async with Visitors(port) as clients:
        before, began = cpu_seconds(process.pid), time.perf_counter()
        until = began + seconds

        async def ask(client: httpx.AsyncClient, token: str) -> None:
            nonlocal responses
            while time.perf_counter() < until:
                if view == "trivial":
                    response = await client.get("/trivial/")
                else:
                    form = {"csrfmiddlewaretoken": token, "name": "Helen", "item": "latte"}
                    response = await client.post("/order/", data=form)
                if response.status_code not in {200, 303}:
                    raise SystemExit(f"{view}: {response.status_code} {response.text[:300]}")
                responses += 1

        await asyncio.gather(*(ask(client, token) for client, token in clients))
        took = time.perf_counter() - began
    return Turn(responses / took, (cpu_seconds(process.pid) - before) / max(1, responses) * 1000)


class Visitors:
    """Logged-in clients with a form token each."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._clients: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> list[tuple[httpx.AsyncClient, str]]:
        base = f"http://127.0.0.1:{self._port}"
        self._clients = [
            httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) for _ in range(CLIENTS)
        ]
        return [(client, (await client.get("/token/")).text) for client in self._clients]

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            await client.aclose()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--turns", type=int, default=5, help="of each handler and view (5)")
    options.add_argument("--seconds", type=float, default=1.5, help="of one turn (1.5)")
    chosen = options.parse_args()
    turns: dict[tuple[str, str], list[Turn]] = {}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as scratch:
        servers = {
            handler: stack.enter_context(serving(handler, Path(scratch) / handler))
            for handler in HANDLERS
        }
        for round_ in range(chosen.turns):
            order = HANDLERS if round_ % 2 == 0 else HANDLERS[::-1]
            for view in VIEWS:
                for handler in order:
                    done = asyncio.run(turn(*servers[handler], view, chosen.seconds))
                    turns.setdefault((view, handler), []).append(done)
        stack.close()
    report(turns)


def report(turns: dict[tuple[str, str], list[Turn]]) -> None:
    """Medians and ratios."""
    print(f"{CLIENTS} clients, median of {len(turns['order', 'threaded'])} turns in alternation")
    for view in VIEWS:
        medians = {}
        for handler in HANDLERS:
            done = turns[view, handler]
            rate = statistics.median(turn.rate for turn in done)
            cpu = statistics.median(turn.cpu for turn in done)
            lowest, highest = min(turn.rate for turn in done), max(turn.rate for turn in done)
            medians[handler] = rate
            print(
                f"  {view:<8} {handler:<8} {rate:7.0f} responses/s ({lowest:.0f} to {highest:.0f})"
                f"  {cpu:5.2f} ms CPU each"
            )
        print(f"  {view:<8} ratio    {medians['threaded'] / medians['django']:7.2f}")


if __name__ == "__main__":
    main()

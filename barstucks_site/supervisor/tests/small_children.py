"""Children that are a few lines of Python, and a supervisor that notes what it reports."""

import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from barstucks_site.supervisor.child import Child, ProcessSpec, handles_sigterm
from barstucks_site.supervisor.supervisor import Supervisor

GRACEFUL = """
    import signal, sys, time
    def stop(*_):
        open(sys.argv[1], "a").write(sys.argv[2] + " ")
        sys.exit(0)
    signal.signal(signal.SIGTERM, stop)
    while True:
        time.sleep(0.05)
"""
CRASHING = "raise SystemExit(3)"
REFUSING = "raise SystemExit(78)"
STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, lambda *_: None)
    while True:
        time.sleep(0.05)
"""


def child(
    tmp_path: Path, name: str, code: str, clock: Callable[[], float] = time.monotonic
) -> Child:
    return Child(
        ProcessSpec(
            name=name,
            command=[sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "ends"), name],
            environment=os.environ,
            directory=tmp_path,
            ready=handles_sigterm,
        ),
        clock,
    )


def alive(pid: int) -> bool:
    """Whether there is this process, and not only its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Reports:
    """What a supervisor reported, and how often its children changed."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.changes = 0

    def changed(self) -> None:
        self.changes += 1

    def supervisor(
        self,
        *order: list[Child],
        never_gives_up: bool = False,
        changed_sources: Callable[[], Sequence[str]] = tuple,
    ) -> Supervisor:
        return Supervisor(
            order,
            report=self.sentences.append,
            changed=self.changed,
            never_gives_up=never_gives_up,
            changed_sources=changed_sources,
        )


def watch_until(supervisor: Supervisor, reached: Callable[[], bool]) -> None:
    """Watch the children until it is reached, and then as if somebody had pressed Ctrl-C."""

    def wait(seconds: float) -> None:
        time.sleep(seconds)
        if reached():
            supervisor._on_signal(signal.SIGINT, None)

    supervisor._wait = wait
    supervisor.watch()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("It did not happen within half a minute.")

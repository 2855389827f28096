"""Runs children: in order, again when one ends or hangs, and stops them in order.

Knows children, not what they are; the processes of the shop are in `process_list.py`.
"""

import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from barstucks_site.supervisor.child import EX_CONFIG, Child

READY_SECONDS = 90.0  # one child's start on a slow machine
STOP_SECONDS = 14.0  # all of them
RESTART_SECONDS = 5.0  # those that start again because of a source file
CHECK_EVERY = 0.1
EX_UNAVAILABLE = 69  # sysexits.h: a service that is needed does not work


class GaveUp(Exception):
    """The supervisor ends because a child does. Carries the sentence; `exit_code` is ours."""

    exit_code = EX_UNAVAILABLE


class DidNotStart(GaveUp):
    """A child ended or never got ready while the shop opened."""


class KeepsEnding(GaveUp):
    """A child ended again and again while the shop was open."""


class Refused(GaveUp):
    """A child's configuration is wrong, so that starting it again is of no use."""

    exit_code = EX_CONFIG


class Supervisor:
    """`groups` is the order of starting; groups that come later are stopped earlier.

    The first group is what the others depend on: it is waited for before they start.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[Child]],
        *,
        report: Callable[[str], None],
        changed: Callable[[], None],
        wait: Callable[[float], None] = time.sleep,
        never_gives_up: bool = False,
        changed_sources: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`wait` is called between two looks at the children, with seconds.

        With `never_gives_up` a child that keeps ending in an open shop is started again for ever.
        What `changed_sources` names are files that the children in question have to read anew.
        """
        self._changed_sources = changed_sources
        self._wait = wait
        self._never_gives_up = never_gives_up
        self._groups = groups
        self._report = report
        self._changed = changed
        self._signals = 0

    @property
    def children(self) -> list[Child]:
        """All of them, in the order of starting."""
        return [child for group in self._groups for child in group]

    def states(self) -> dict[str, dict[str, Any]]:
        """The state of each child by its name, as /livez of the supervisor's port says it."""
        return {
            child.spec.name: {
                "alive": child.is_alive,
                "pid": child.pid,
                "silent_seconds": None if (s := child.silent_seconds) is None else round(s, 1),
                "starts": child.starts,
            }
            for child in self.children
        }

    def install_signal_handlers(self) -> None:
        """SIGINT, SIGTERM and SIGHUP end `watch`; a second one makes the end short."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    @property
    def stopping(self) -> bool:
        """Whether a signal asked for the end."""
        return self._signals > 0

    def start(self) -> None:
        """Start them all and wait until they are ready. Raises `DidNotStart` and `Refused`."""
        first, *others = self._groups
        for group in (first, [child for other in others for child in other]):
            for child in group:
                child.start()
            self._changed()
            self._wait_until_ready(group)

    def _wait_until_ready(self, group: Sequence[Child]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.stopping and not all(child.is_ready() for child in group):
            self.check()
            for child in self.children:
                if child.crash_loop:
                    raise DidNotStart(child.crash_loop)
            if time.monotonic() > deadline:
                slow = ", ".join(child.spec.name for child in group if not child.is_ready())
                raise DidNotStart(f"{slow} did not get ready within {READY_SECONDS:.0f} seconds.")
            self._wait(CHECK_EVERY / 2)

    def check(self) -> None:
        """Notice what ended or hangs, start again what is due, report both. Raises `Refused`."""
        sentences = [child.check() for child in self.children if child.starts]
        for sentence in filter(None, sentences):
            self._report(sentence)
        if any(sentences):
            self._changed()
        for child in self.children:
            if child.refused:
                raise Refused(child.refused)

    def watch(self) -> None:
        """Check the children until a signal asks for the end. Raises `KeepsEnding`, `Refused`."""
        while not self.stopping:
            self.check()
            for child in self.children:
                if child.crash_loop and not self._never_gives_up:
                    raise KeepsEnding(child.crash_loop)
            if files := self._changed_sources():
                self._read_anew(files)
            self._wait(CHECK_EVERY)

    def _read_anew(self, files: Sequence[str]) -> None:
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        reading = [child for child in self.children if child.spec.runs_sources]
        names = ", ".join(child.spec.name for child in reading)
        self._report(f"{files[0]}{more} changed: {names} start again.")
        for child in reading:
            child.terminate()
        deadline = time.monotonic() + RESTART_SECONDS
        for child in reading:
            child.wait(deadline - time.monotonic())
            child.start_again()
        self._changed()

    def stop(self) -> None:
        """Stop group after group, last started first, all within `STOP_SECONDS`."""
        signals_before = self._signals
        deadline = time.monotonic() + STOP_SECONDS
        for groups_left, group in reversed(list(enumerate(self._groups))):
            for child in group:
                child.terminate()
            for child in group:
                short = self._signals > max(1, signals_before)
                # Each group that is still to come keeps at least a second.
                seconds = 1.0 if short else deadline - groups_left - time.monotonic()
                if not child.wait(seconds):
                    self._report(f"{child.spec.name} did not stop in time and was ended.")
        self._changed()

"""Runs children: in order, again when one exits, and stops them in order.

Knows children, not what they are; the processes of the shop are in `process_list.py`.
"""

import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from barstucks_site.supervisor.child import Child

READY_SECONDS = 90.0  # one child's start on a slow machine
STOP_SECONDS = 14.0  # all of them
CHECK_EVERY = 0.1


class DidNotStart(Exception):
    """A child ended or never got ready while the shop opened. Carries the sentence."""


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
    ) -> None:
        self._groups = groups
        self._report = report
        self._changed = changed
        self._signals = 0

    @property
    def children(self) -> list[Child]:
        """All of them, in the order of starting."""
        return [child for group in self._groups for child in group]

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
        """Start them all and wait until they are ready. Raises `DidNotStart`."""
        first, *others = self._groups
        for group in (first, [child for other in others for child in other]):
            for child in group:
                child.start()
            self._changed()
            self._wait_until_ready(group)

    def _wait_until_ready(self, group: Sequence[Child]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.stopping and not all(child.is_ready() for child in group):
            self.check(group)
            for child in group:
                if child.given_up:
                    raise DidNotStart(child.given_up)
            if time.monotonic() > deadline:
                slow = ", ".join(child.spec.name for child in group if not child.is_ready())
                raise DidNotStart(f"{slow} did not get ready within {READY_SECONDS:.0f} seconds.")
            time.sleep(CHECK_EVERY / 2)

    def check(self, children: Sequence[Child] | None = None) -> None:
        """Notice exits, start again what is due, and report both."""
        sentences = [child.check() for child in children or self.children]
        for sentence in filter(None, sentences):
            self._report(sentence)
        if any(sentences):
            self._changed()

    def watch(self) -> None:
        """Check the children until a signal asks for the end."""
        while not self.stopping:
            self.check()
            time.sleep(CHECK_EVERY)

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

"""Runs the parts of the shop as children: in order, again when one dies, and stops them in order.

Knows children, not what they are; the plan of the shop is in `process_list.py`.
"""

import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from barstucks_site.supervisor.child import Child

READY_SECONDS = 90.0  # one child's start on a slow machine
STOP_SECONDS = 14.0  # all of them
LOOK_EVERY = 0.1


class DidNotStart(Exception):
    """A child died or said nothing while the shop opened. Carries the sentence."""


class Supervisor:
    """`order` is the order of starting; groups that come later are stopped earlier.

    The first group is the ground the others stand on: it is waited for before they start.
    """

    def __init__(
        self,
        order: Sequence[Sequence[Child]],
        *,
        say: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._order = order
        self._say = say
        self._changed = changed
        self._stopping = 0

    @property
    def children(self) -> list[Child]:
        """All of them, in the order of starting."""
        return [child for group in self._order for child in group]

    def take_signals(self) -> None:
        """SIGINT and SIGTERM end `watch`; a second one makes the end short."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping += 1

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stopping > 0

    def start(self) -> None:
        """Start them all and wait until they are ready. Raises `DidNotStart`."""
        ground, *others = self._order
        for group in (ground, [child for other in others for child in other]):
            for child in group:
                child.start()
            self._changed()
            self._wait_until_ready(group)

    def _wait_until_ready(self, group: Sequence[Child]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.stopping and not all(child.is_ready() for child in group):
            self.look_after(group)
            for child in group:
                if child.given_up:
                    raise DidNotStart(child.given_up)
            if time.monotonic() > deadline:
                slow = ", ".join(c.plan.name for c in group if not c.is_ready())
                raise DidNotStart(f"{slow} did not get ready within {READY_SECONDS:.0f} seconds.")
            time.sleep(LOOK_EVERY / 2)

    def look_after(self, children: Sequence[Child] | None = None) -> None:
        """One round: notice deaths, start again what is due."""
        happened = False
        for child in self.children if children is None else children:
            sentence = child.look_after()
            if sentence:
                self._say(sentence)
                happened = True
        if happened:
            self._changed()

    def watch(self) -> None:
        """Look after the children until a signal asks for the end."""
        while not self.stopping:
            self.look_after()
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Stop group after group, last started first, all within `STOP_SECONDS`."""
        asked_before = self._stopping
        deadline = time.monotonic() + STOP_SECONDS
        groups = list(reversed(self._order))
        for index, group in enumerate(groups):
            for child in group:
                child.ask_to_stop()
            later = len(groups) - index - 1  # each keeps at least a second
            for child in group:
                short = self._stopping > max(1, asked_before)
                left = 1.0 if short else deadline - later - time.monotonic()
                if not child.wait(left):
                    self._say(f"{child.plan.name} did not stop in time and was ended.")
        self._changed()

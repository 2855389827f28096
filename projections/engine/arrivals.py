"""Waiting on the event loop until projections have handled a position of the log.

However many wait, one thread reads the checkpoints for all of them, and only while somebody waits.
A position beyond the head of the log is not waited for: nothing there is on its way.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

LONGEST_WAIT = 1.0
"""Seconds a page waits for its own writes before it shows what there is."""

MOST_WAITING = 256
"""Who comes when so many wait does not wait."""

LOOK_EVERY = 0.005
"""Seconds between two looks at the checkpoints; an order is projected within some 10 ms."""

ASK_EVERY = 0.1
"""Seconds between two questions to the log where it ends, for all who wait together."""


@dataclass(eq=False)
class _Waiting:
    projections: Sequence[str]
    position: int
    since: float
    arrived: asyncio.Future[bool]


class Arrivals:
    """Who waits in this process for which position. All methods belong to one event loop."""

    def __init__(
        self,
        positions: Callable[[], Mapping[str, int]],
        head: Callable[[], int | None],
        *,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """`positions` reads how far each projection is; `head` where the log ends, if it says.

        Both run in threads of their own, one call of each at a time.
        """
        self._positions = positions
        self._head = head
        self._most_waiting = most_waiting
        self._waiting: set[_Waiting] = set()
        self._looking: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = 0.0
        self._known_head = 0
        self._looks = ThreadPoolExecutor(1, thread_name_prefix="own-writes-look")
        self._asks = ThreadPoolExecutor(1, thread_name_prefix="own-writes-ask")

    async def at(
        self, position: int, projections: Sequence[str], seconds: float = LONGEST_WAIT
    ) -> bool:
        """Whether all these projections have handled the position, within so many seconds."""
        if len(self._waiting) >= self._most_waiting:
            return False
        loop = asyncio.get_running_loop()
        waiting = _Waiting(projections, position, time.monotonic(), loop.create_future())
        self._waiting.add(waiting)
        if self._looking is None:
            self._looking = loop.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                return await waiting.arrived
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiting)

    async def _look(self) -> None:
        """Look at the checkpoints until nobody waits any more."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                positions = await loop.run_in_executor(self._looks, self._positions)
                for waiting in self._waiting:
                    if all(positions.get(p, -1) >= waiting.position for p in waiting.projections):
                        _tell(waiting, True)
                self._ask_if_due()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self._looking = None
            for waiting in self._waiting:
                _tell(waiting, False)  # the read models cannot be read

    def _ask_if_due(self) -> None:
        beyond = any(
            waiting.position > self._known_head and not waiting.arrived.done()
            for waiting in self._waiting
        )
        due = time.monotonic() - self._asked_at >= ASK_EVERY
        if beyond and due and self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        """Ask where the log ends, and tell those who wait for more than that."""
        began = self._asked_at = time.monotonic()
        try:
            head = await asyncio.get_running_loop().run_in_executor(self._asks, self._head)
            self._known_head = max(self._known_head, head or 0)
        finally:
            self._asking = None
        for waiting in self._waiting:
            # Whoever came later may wait for a fact that is newer than the response.
            if waiting.since <= began and waiting.position > self._known_head:
                _tell(waiting, False)


def _tell(waiting: _Waiting, arrived: bool) -> None:
    if not waiting.arrived.done():
        waiting.arrived.set_result(arrived)

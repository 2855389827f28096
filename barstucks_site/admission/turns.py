"""So many requests of one address at a time: the next ones wait, and take no place from others.

A limit lets a burst in; this lets it in piece by piece, so that whoever asks from elsewhere finds a
thread. Used on the event loop only.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 8
"""As many pages as a process draws in some 40 ms: so long somebody else waits at most for a thread,
and a bus full of people, behind one address, for one another."""


class Turns:
    """Who is in, by key; nothing is remembered of who has left."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._there: dict[str, int] = {}

    @asynccontextmanager
    async def of(self, who: str) -> AsyncIterator[None]:
        """Wait for a turn, first come, first served; it ends with the context."""
        gate = self._gates.setdefault(who, asyncio.Semaphore(self._at_once))
        self._there[who] = self._there.get(who, 0) + 1
        try:
            async with gate:
                yield
        finally:
            self._there[who] -= 1
            if not self._there[who]:
                del self._there[who], self._gates[who]

"""So many requests of a kind and an address at work at a time: the next wait, and hold no thread.

A limit lets a burst in; this lets it in piece by piece, so that whoever asks from elsewhere finds a
thread. ASGI middleware right before the threads; `middleware` says in the scope whose turn it is.
"""

import asyncio
import time

from barstucks_site.web_server.asgi_request import Application, Receive, Scope, Send
from barstucks_site.web_server.threaded_handler import ANSWER_UNTIL

AT_ONCE = 8
"""As many pages as a process draws in some 40 ms: so long somebody else waits at most for a thread,
and a bus full of people, behind one address, for one another."""

WHOSE = "barstucks.whose_turn"
"""In the scope: who asks, and for which kind: whoever waits for a password, which takes long, holds
up no menu. Not there for what is not limited."""


class Turns:
    """First come, first served, for each who asks; nothing is remembered of who has left."""

    def __init__(self, inner: Application, at_once: int = AT_ONCE) -> None:
        self._inner = inner
        self._at_once = at_once
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._there: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a turn, then pass on. Without one in time it is passed on late, and refused."""
        who = scope.get(WHOSE)
        if who is None:
            await self._inner(scope, receive, send)
            return
        gate = self._gates.setdefault(who, asyncio.Semaphore(self._at_once))
        self._there[who] = self._there.get(who, 0) + 1
        try:
            has_turn = await _comes(gate, scope.get(ANSWER_UNTIL))
            try:
                await self._inner(scope, receive, send)
            finally:
                if has_turn:
                    gate.release()
        finally:
            self._there[who] -= 1
            if not self._there[who]:
                del self._there[who], self._gates[who]


async def _comes(gate: asyncio.Semaphore, until: float | None) -> bool:
    """Whether it is somebody's turn before that moment."""
    if not gate.locked():
        return await gate.acquire()
    try:
        async with asyncio.timeout(None if until is None else until - time.monotonic()):
            return await gate.acquire()
    except TimeoutError:
        return False

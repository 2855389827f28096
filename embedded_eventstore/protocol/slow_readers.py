"""Sends responses one by one, and drops a client that does not take them.

A reader that does not read costs nothing but its cursor and one page; even that is not for ever.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from embedded_eventstore.protocol import errors

PATIENCE = 60.0
"""Seconds that a response may wait for its client."""


async def send(responses: AsyncGenerator[Iterable[bytes], None], context: errors.Context) -> None:
    """Send all ``responses``, which come in portions: passing each on by itself costs too much.

    Raises CallRefusedError when the client leaves one lying.
    """
    watch = _Watch()
    try:
        # Closed at once when the client hangs up, so that nothing of the call remains.
        async with aclosing(responses):
            async for portion in responses:
                for response in portion:
                    watch.begin()
                    await context.write(response)
                    watch.end()
    except asyncio.CancelledError:
        if not watch.ran_out:
            raise
        raise errors.consumer_too_slow() from None
    finally:
        watch.stop()


class _Watch:
    """Looks now and then, which is cheaper than a timer for each response."""

    def __init__(self) -> None:
        self.ran_out = False
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._next_look = self._loop.call_later(PATIENCE / 2, self._look)

    def begin(self) -> None:
        self._since = self._loop.time()

    def end(self) -> None:
        self._since = None

    def stop(self) -> None:
        self._next_look.cancel()
        if self.ran_out and self._task is not None:
            self._task.uncancel()

    def _look(self) -> None:
        if self._since is not None and self._loop.time() - self._since >= PATIENCE:
            self.ran_out = True
            assert self._task is not None
            self._task.cancel()
            return
        self._next_look = self._loop.call_later(PATIENCE / 2, self._look)

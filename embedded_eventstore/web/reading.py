"""Reads streams for an account: access rights first, then the log, off the event loop."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from embedded_eventstore.access.accounts import Account
from embedded_eventstore.access.authentication import AccessDeniedError
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.web import events
from embedded_eventstore.web.events import Event, EventPage

Result = TypeVar("Result")


class MissingError(Exception):
    """There is nothing at this address; the argument says what is missing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an account may see of the log."""

    guard: Guard
    threads: ReadingThreads

    async def page(
        self, account: Account, stream: str, start: int | None, count: int, *, backwards: bool
    ) -> EventPage:
        """See events.read_page. Raises MissingError, AccessDeniedError, StreamTombstonedError."""
        await self.require(account, stream)
        page = await self.run(
            lambda reader: events.read_page(reader, stream, start, count, backwards=backwards)
        )
        if page is None:
            raise MissingError(f"Event stream '{stream}' not found.")
        return page

    async def event(self, account: Account, stream: str, number: int | None) -> Event:
        """See events.read_event. Raises MissingError, AccessDeniedError, StreamTombstonedError."""
        await self.require(account, stream)
        event = await self.run(lambda reader: events.read_event(reader, stream, number))
        if event is None:
            raise MissingError(f"Event stream '{stream}' has no such event.")
        return event

    async def require(self, account: Account, stream: str) -> None:
        """Raises AccessDeniedError."""
        if not await self.guard.allows(account, Right.READ, stream):
            raise AccessDeniedError

    async def run(self, read: Callable[[LogReader], Result]) -> Result:
        """Read, and make of it what is shown, in one of the reading threads."""
        return await self.threads.run(partial(read, self.threads.reader))


def number_of(text: str) -> int | None:
    """A number in an address; None for ``head``. Raises MissingError."""
    if text == "head":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(2**63 - 1))):
        raise MissingError("There is nothing at this address.")
    return int(text)

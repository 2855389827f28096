"""A running group: its rules, fed from the log, its consumers, and what it writes to the log.

Lives in the event loop, where nothing interrupts a step; after every step `_settle` does what the
rules now ask for. A write that fails is tried again on the next tick of the clock.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Coroutine
from functools import partial
from itertools import islice
from typing import NamedTuple, Self

from embedded_eventstore.persistent import content, refusals
from embedded_eventstore.persistent.bookkeeping import Bookkeeping, KeptState, NotWrittenError
from embedded_eventstore.persistent.consumers import Consumer
from embedded_eventstore.persistent.group import Group, Held, Key, Message
from embedded_eventstore.persistent.group_cursor import GroupCursor
from embedded_eventstore.persistent.progress import Progress
from embedded_eventstore.persistent.settings import GroupEntry, position_text
from embedded_eventstore.protocol.errors import CallRefusedError
from embedded_eventstore.storage.log_reader import StreamTombstonedError
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.writer import DiskFullError, WriteExpiredError, Writer

_REPLAY_ROWS = 50
_PARKED_AT_ONCE = 32

logger = logging.getLogger(__name__)


class Peer(NamedTuple):
    """A consumer's address, the name of its connection, and its account."""

    address: str
    name: str
    user: str


class Connection:
    """A consumer's end of the group. Holds no more messages than the consumer has room for."""

    def __init__(self, consumer: Consumer, peer: Peer) -> None:
        self.consumer = consumer
        self.peer = peer
        self._outbox: asyncio.Queue[Held | CallRefusedError] = asyncio.Queue()

    def put(self, item: Held | CallRefusedError) -> None:
        self._outbox.put_nowait(item)

    async def next(self) -> Message:
        """The next message that was not taken away meanwhile. Raises CallRefusedError."""
        while True:
            item = await self._outbox.get()
            if isinstance(item, CallRefusedError):
                raise item
            if item.current:
                return item.message


class RunningGroup:
    """Made with ``start``; ends with ``stop``."""

    def __init__(
        self,
        entry: GroupEntry,
        books: Bookkeeping,
        cursor: GroupCursor,
        state: KeptState,
        after: int,
    ) -> None:
        self.entry = entry
        self.connections: dict[Consumer, Connection] = {}
        self.checkpoint = state.checkpoint
        self.live = False
        self.last_known: int | None = None
        first_parked, self.last_parked = state.parked
        self.group = Group(entry.settings, Progress(after), Progress(first_parked - 1))
        self._books = books
        self._cursor = cursor
        self._measured = (0, time.monotonic())
        self._room = asyncio.Event()
        self._replay_to = 0
        self._kept_from = first_parked
        self._tasks: set[asyncio.Task[None]] = set()
        self._going_on: set[Key | str] = set()
        self._parked_ids: dict[Key, bytes] = {}
        self._faulted = False
        self._stopped = False
        self._taking_in = self._spawn(self._take_in())

    @classmethod
    async def start(
        cls, entry: GroupEntry, threads: ReadingThreads, recent: RecentCommits, writer: Writer
    ) -> Self:
        """Go on where the group's checkpoint says."""
        books = Bookkeeping(entry.key, threads, writer)
        state = await books.load()
        after = entry.starts_after if state.checkpoint is None else state.checkpoint
        return cls(entry, books, GroupCursor(entry, threads, recent, after), state, after)

    @property
    def parked_count(self) -> int:
        return self.last_parked - self.group.parked.seen

    def measure(self) -> tuple[int, int]:
        """Messages handed out since the last call, and how many a second."""
        (total, before), now = self._measured, time.monotonic()
        self._measured = (self.group.delivered, now)
        count = self.group.delivered - total
        return count, int(count / max(now - before, 0.001))

    def join(self, capacity: int, peer: Peer) -> Connection:
        """Raises CallRefusedError when the group is full."""
        if self.group.is_full:
            raise refusals.maximum_reached(self.entry.stream, self.entry.group)
        connection = Connection(self.group.join(capacity), peer)
        self.connections[connection.consumer] = connection
        if self._faulted:
            connection.put(refusals.dropped(self.entry.stream, self.entry.group))
        self.settle()
        return connection

    def leave(self, connection: Connection) -> None:
        if self.connections.pop(connection.consumer, None):
            self.group.leave(connection.consumer)
            self.settle()

    def replay_parked(self, stop_at: int | None) -> None:
        """Offer the parked messages below revision ``stop_at`` (None: all there are now) again."""
        end = self.last_parked + 1
        self._replay_to = max(self._replay_to, end if stop_at is None else min(stop_at, end))
        self.settle()

    def stop(self, reason: CallRefusedError) -> None:
        """Disconnect all consumers, and begin nothing any more."""
        self._stopped = True
        self._disconnect_all(reason)
        self._taking_in.cancel()
        self._replay_to = 0

    async def finished(self) -> None:
        """Wait, after ``stop``, until everything that was going on has come to its end."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tick(self) -> None:
        """Do what is due; called once a second."""
        self.group.tick(time.monotonic())
        self.settle(on_tick=True)

    def settle(self, *, on_tick: bool = False) -> None:
        """Do what the rules now ask for; to be called after every change of ``group``."""
        if self._stopped:
            return
        now = time.monotonic()
        for held in self.group.deliveries(now):
            self.connections[held.consumer].put(held)
        for key, (message, reason) in islice(self.group.parking.items(), _PARKED_AT_ONCE):
            self._begin(key, partial(self._park, message, reason))
        due = self.group.checkpoint_due(now, on_tick=on_tick)
        if due:
            self._begin("checkpoint", partial(self._write_checkpoint, *due))
        parked = self.group.parked
        kept_from = parked.done[1] + 1
        if kept_from > self._kept_from and (on_tick or not parked.open):
            self._begin("forget", partial(self._forget_parked_before, kept_from))
        if self.group.room() > 0:
            self._room.set()
            if parked.seen + 1 < self._replay_to:
                self._begin("replay", self._replay)

    async def _take_in(self) -> None:
        """Take messages from the log, as far as there is room for more."""
        going_on = True
        try:
            while going_on:
                while self.group.room() <= 0:
                    self._room.clear()
                    await self._room.wait()
                considered = await self._cursor.next()
                self.live = not considered
                for item in considered:
                    self.group.take_in(item.position, item.message)
                    self.last_known = item.position if item.message else self.last_known
                self.settle()
                if not considered:
                    going_on = await self._cursor.wait()
        except Exception as error:
            # As the original does: no consumer may join any more, until the server starts again.
            if not isinstance(error, StreamTombstonedError):
                logger.error("%s has failed", self.entry.key, exc_info=error)
            self._faulted = True
            for connection in self.connections.values():
                connection.put(refusals.dropped(self.entry.stream, self.entry.group))

    async def _replay(self) -> None:
        parked = self.group.parked
        while parked.seen + 1 < self._replay_to and self.group.room() > 0:
            rows = min(_REPLAY_ROWS, self._replay_to - parked.seen - 1)
            page = await self._books.parked_page(parked.seen + 1, rows)
            records = page.records if page else []
            for record in records:
                message = content.message_from(
                    record, record.revision, self.entry.settings.strategy, replayed=True
                )
                exists = content.is_resolved(message)
                self.group.replay(record.revision, message if exists else None)
            if page is None or page.next is None:
                parked.pass_over(max(parked.seen, self._replay_to - 1))
            self.settle()

    async def _park(self, message: Message, reason: str) -> None:
        # The same id each time it is tried, so that the message is parked once.
        event_id = self._parked_ids.setdefault(message.key, uuid.uuid4().bytes)
        revision = await self._books.park(
            content.target_of(message), event_id, reason, content.original_revision(message)
        )
        self.last_parked = max(self.last_parked, revision)
        del self._parked_ids[message.key]
        self.group.has_parked(message)

    async def _write_checkpoint(self, count: int, position: int) -> None:
        await self._books.write_checkpoint(position_text(self.entry.stream, position))
        self.checkpoint = position
        self.group.has_checkpointed(count, time.monotonic())

    async def _forget_parked_before(self, revision: int) -> None:
        await self._books.forget_parked_before(revision)
        self._kept_from = revision

    def _begin(self, name: Key | str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Start a piece of work unless it is going on already."""
        if name not in self._going_on:
            self._going_on.add(name)
            self._spawn(self._attempt(name, work))

    async def _attempt(
        self, name: Key | str, work: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        done = False
        try:
            await work()
            done = True
        except (DiskFullError, WriteExpiredError, TimeoutError, NotWrittenError) as error:
            logger.warning("%s: %r, will be tried again", self.entry.key, error)
        except Exception as error:
            logger.error("%s: %s failed", self.entry.key, name, exc_info=error)
        finally:
            self._going_on.discard(name)
        if done:
            self.settle()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _disconnect_all(self, reason: CallRefusedError) -> None:
        self.connections, connections = {}, self.connections
        for connection in connections.values():
            self.group.leave(connection.consumer)
            connection.put(reason)

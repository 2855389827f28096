"""The rules of a group: which consumer gets which message, retries, and the group's progress.

Pure: no clock, no log, no network. Time is handed in (seconds), messages are handed in with
``take_in`` and ``replay``, and what is to be done is asked for (``deliveries``, ``to_park``,
``checkpoint_due``). A message is at one place at a time: waiting, held by one consumer, or being
parked; it counts as open until it is acknowledged, skipped, or safely parked.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from embedded_eventstore.persistent.consumers import Consumer, strategy_named
from embedded_eventstore.persistent.progress import Progress
from embedded_eventstore.persistent.settings import Settings

MAX_WAITING_BYTES = 8 * 1024 * 1024
"""Beyond that a group takes nothing in, however few messages it has: they stay in the log."""

Rejection = Literal["retry", "park", "skip"]
Key = tuple[bool, int]


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way to a consumer.

    ``position`` is that of the followed stream or ``$all``; of a replayed message, its revision in
    the stream of parked ones. ``pin`` is what the pinned strategies keep together.
    """

    ack_id: bytes
    position: int
    content: object = None
    pin: str = ""
    size: int = 0
    retry_count: int = 0
    replayed: bool = False

    @property
    def key(self) -> Key:
        return self.replayed, self.position


@dataclass(eq=False, slots=True)
class Held:
    """A message that a consumer holds. ``current`` ends when it is taken away or acknowledged."""

    message: Message
    consumer: Consumer
    expires_at: float
    current: bool = True


class Group:
    """A group of consumers. ``progress`` says where it begins, ``parked`` where replaying does."""

    def __init__(self, settings: Settings, progress: Progress, parked: Progress) -> None:
        self.settings = settings
        self.progress = progress
        self.parked = parked
        self.consumers: list[Consumer] = []
        self.parking: dict[Key, tuple[Message, str]] = {}
        """What is to be parked, and why. It counts as open until ``has_parked``."""
        self.delivered = 0
        self._strategy = strategy_named(settings.strategy)
        self._again: deque[Message] = deque()
        self._replays: deque[Message] = deque()
        self._new: deque[Message] = deque()
        self._waiting_bytes = 0
        self._held: dict[bytes, list[Held]] = {}
        self._checkpointed = progress.done[0]
        self._checkpointed_at = -inf

    @property
    def is_full(self) -> bool:
        """Whether no more consumers may join."""
        limit = self.settings.max_subscriber_count
        return limit != 0 and len(self.consumers) >= limit

    @property
    def held(self) -> list[Held]:
        return [held for same_id in self._held.values() for held in same_id]

    @property
    def waiting(self) -> tuple[int, int]:
        """How many messages wait for the first time, and how many for another."""
        return len(self._new), len(self._again) + len(self._replays)

    def room(self) -> int:
        """How many more messages may be taken in."""
        if self._waiting_bytes > MAX_WAITING_BYTES:
            return 0
        return self.settings.history_buffer_size - sum(self.waiting) - len(self.parking)

    def join(self, capacity: int) -> Consumer:
        consumer = Consumer(capacity)
        self.consumers.append(consumer)
        self._strategy.add(consumer, [held.message.pin for held in self.held])
        return consumer

    def leave(self, consumer: Consumer) -> None:
        """What the consumer held is offered again; that never parks."""
        self.consumers.remove(consumer)
        self._strategy.remove(consumer)
        for held in self.held:
            if held.consumer is consumer:
                self._let_go(held)
                self._offer_again(held.message)

    def take_in(self, position: int, message: Message | None) -> None:
        """The next event; None when the group does not want what is at ``position``."""
        if message is None:
            self.progress.pass_over(position)
            return
        self.progress.begin(position)
        self._new.append(message)
        self._waiting_bytes += message.size

    def replay(self, position: int, message: Message | None) -> None:
        """The next parked message; None when it no longer exists."""
        if message is None:
            self.parked.pass_over(position)
            return
        self.parked.begin(position)
        self._replays.append(message)
        self._waiting_bytes += message.size

    def acknowledge(self, consumer: Consumer, ids: Iterable[bytes]) -> None:
        """These are done. Ids that the consumer does not hold are ignored."""
        for held in self._acknowledged(consumer, ids):
            self._finish(held.message)

    def reject(
        self, consumer: Consumer, ids: Iterable[bytes], action: Rejection, reason: str
    ) -> None:
        """These are not done; ``action`` says what becomes of them."""
        for held in self._acknowledged(consumer, ids):
            match action:
                case "retry":
                    self._retry(held.message)
                case "park":
                    self._park(held.message, f"Client explicitly NAK'ed message.\n{reason}")
                case "skip":
                    self._finish(held.message)

    def tick(self, now: float) -> None:
        """Take away what was held for too long."""
        for held in self.held:
            if held.expires_at <= now:
                self._let_go(held)
                self._retry(held.message)

    def deliveries(self, now: float) -> list[Held]:
        """Hand out as much as the consumers have room for: again before anew."""
        timeout = self.settings.message_timeout
        expires_at = now + timeout / 1000 if timeout > 0 else inf
        handed_out: list[Held] = []
        for queue in (self._again, self._replays, self._new):
            passed_over: list[Message] = []
            while queue and any(consumer.has_room for consumer in self.consumers):
                message = queue.popleft()
                consumer = self._strategy.choose(message.pin)
                if consumer is None:
                    passed_over.append(message)
                    continue
                held = Held(message, consumer, expires_at)
                consumer.take(message.size)
                self._held.setdefault(message.ack_id, []).append(held)
                handed_out.append(held)
                self._waiting_bytes -= message.size
            queue.extendleft(reversed(passed_over))
        self.delivered += len(handed_out)
        return handed_out

    def has_parked(self, message: Message) -> None:
        """The message lies safely among the parked ones."""
        if self.parking.pop(message.key, None):
            self._finish(message)

    def checkpoint_due(self, now: float, *, on_tick: bool) -> tuple[int, int] | None:
        """The ``progress.done`` to write down now, if it is time; then ``has_checkpointed``."""
        settings = self.settings
        newly_done = self.progress.done[0] - self._checkpointed
        if newly_done <= 0:
            return None
        waited = settings.checkpoint_after > 0 and (
            now - self._checkpointed_at >= settings.checkpoint_after / 1000
        )
        is_time = on_tick and waited and newly_done >= settings.min_checkpoint_count
        return (
            self.progress.done if is_time or newly_done >= settings.max_checkpoint_count else None
        )

    def has_checkpointed(self, count: int, now: float) -> None:
        """The position up to which ``count`` were done is written down."""
        self._checkpointed, self._checkpointed_at = count, now

    def _acknowledged(self, consumer: Consumer, ids: Iterable[bytes]) -> list[Held]:
        acknowledged: list[Held] = []
        for ack_id in ids:
            same_id = self._held.get(ack_id, [])
            # Two streams may hold events with the same id: the consumer means its own.
            mine = [held for held in same_id if held.consumer is consumer] or same_id
            if mine:
                self._let_go(mine[0])
                acknowledged.append(mine[0])
        return acknowledged

    def _let_go(self, held: Held) -> None:
        same_id = self._held[held.message.ack_id]
        same_id.remove(held)
        if not same_id:
            del self._held[held.message.ack_id]
        held.current = False
        held.consumer.let_go(held.message.size)

    def _retry(self, message: Message) -> None:
        limit = self.settings.max_retry_count
        if message.retry_count < limit:
            self._offer_again(message)
        else:
            self._park(message, f"Reached retry count of {limit}")

    def _offer_again(self, message: Message) -> None:
        again = replace(message, retry_count=message.retry_count + 1)
        queue = self._replays if message.replayed else self._again
        insort(queue, again, key=lambda waiting: waiting.position)
        self._waiting_bytes += message.size

    def _park(self, message: Message, reason: str) -> None:
        self.parking[message.key] = (message, reason)

    def _finish(self, message: Message) -> None:
        progress = self.parked if message.replayed else self.progress
        progress.finish(message.position)

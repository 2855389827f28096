"""Whatever consumers do, in whatever order: nothing is lost, and nothing is in two hands."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from embedded_eventstore.persistent.consumers import Consumer
from embedded_eventstore.persistent.group import Group, Held, Message
from embedded_eventstore.persistent.settings import STRATEGIES
from embedded_eventstore.persistent.tests.given import a_group, ack_id

MAX_RETRIES = 2
TIMEOUT = 2.0


@dataclass(frozen=True)
class Step:
    """``what`` happens; ``which`` chooses among the consumers or messages there are."""

    what: str
    which: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(
            (
                *("take in", "take in", "pass over", "replay", "join", "leave", "tick"),
                *("ack", "ack", "retry", "park", "skip", "ack unknown", "park written"),
            )
        ),
        st.integers(0, 50),
    ),
    max_size=60,
)


class ObservedGroup:
    """A group, and what a client has seen of it."""

    def __init__(self, strategy: str) -> None:
        self.group: Group = a_group(
            strategy=strategy,
            max_retry_count=MAX_RETRIES,
            message_timeout=int(TIMEOUT * 1000),
            max_checkpoint_count=1,
        )
        self.now = 0.0
        self.position = -1
        self.replayed = -1
        self.open: set[tuple[bool, int]] = set()
        self.hands: dict[tuple[bool, int], Held] = {}
        self.leaves = 0

    def play(self, step: Step) -> None:
        if step.what in ("take in", "pass over", "replay"):
            self.offer(step)
        elif step.what == "join":
            self.group.join(1 + step.which % 4)
        elif step.what == "tick":
            self.now += 1.0
            self.group.tick(self.now)
        elif self.group.consumers:
            self.consume(step)

    def offer(self, step: Step) -> None:
        match step.what:
            case "take in":
                self.position += 1
                self.open.add((False, self.position))
                pin = f"pin-{step.which % 5}"
                message = Message(ack_id(self.position), self.position, pin=pin)
                self.group.take_in(self.position, message)
            case "pass over":
                self.position += 1
                self.group.take_in(self.position, None)
            case "replay":
                self.replayed += 1
                self.open.add((True, self.replayed))
                ident = ack_id(10_000 + self.replayed)
                self.group.replay(self.replayed, Message(ident, self.replayed, replayed=True))

    def consume(self, step: Step) -> None:
        held = self.group.held
        waiting = list(self.group.parking.values())
        match step.what:
            case "leave":
                self.group.leave(self.consumer_of(step))
                self.leaves += 1
            case "ack unknown":
                self.group.acknowledge(self.consumer_of(step), [ack_id(99_999)])
            case "park written" if waiting:
                message, _ = waiting[step.which % len(waiting)]
                self.open.discard(message.key)
                self.group.has_parked(message)
            case "ack" | "retry" | "park" | "skip" if held:
                self.response(step.what, held[step.which % len(held)])

    def response(self, what: str, held: Held) -> None:
        ids = [held.message.ack_id]
        match what:
            case "ack":
                self.group.acknowledge(held.consumer, ids)
            case "retry" | "park" | "skip":
                self.group.reject(held.consumer, ids, what, "")
        if what in ("ack", "skip"):
            self.open.discard(held.message.key)

    def consumer_of(self, step: Step) -> Consumer:
        return self.group.consumers[step.which % len(self.group.consumers)]

    def hand_out_and_check(self) -> None:
        for held in self.group.deliveries(self.now):
            before = self.hands.get(held.message.key)
            assert before is None or not before.current, "in two hands"
            assert held.consumer in self.group.consumers
            assert held.message.retry_count <= MAX_RETRIES + self.leaves
            self.hands[held.message.key] = held
        for consumer in self.group.consumers:
            mine = [held for held in self.group.held if held.consumer is consumer]
            assert len(mine) == consumer.held <= consumer.capacity
        open_positions = [position for replayed, position in self.open if not replayed]
        expected = min(open_positions, default=self.position + 1) - 1
        assert self.group.progress.done[1] == expected, "the checkpoint is not below what is open"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STRATEGIES), steps)
def test_every_message_is_delivered_until_it_is_done(strategy: str, played: list[Step]) -> None:
    observed = ObservedGroup(strategy)
    for step in played:
        observed.play(step)
        observed.hand_out_and_check()

    # In the end somebody comes who has room for everything, after all others have left.
    for consumer in list(observed.group.consumers):
        observed.group.leave(consumer)
    observed.group.join(10_000)
    observed.group.deliveries(observed.now)
    in_hand = {held.message.key for held in observed.group.held}
    assert in_hand | set(observed.group.parking) == observed.open
    assert not in_hand & set(observed.group.parking)

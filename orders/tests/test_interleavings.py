"""The three services at work on one order at the same moment: every invariant holds.

The real command handler, on a log that lets others write between somebody's look and their append.
Whatever can be interleaved is: an append that meets a newer revision is decided again, so a command
has others *inside* it, and those have others inside them.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.command_handler import handle
from orders.domain.command import Command
from orders.domain.event import Event
from orders.domain.ordering import PlaceOrder
from orders.domain.refused import Refused
from orders.domain.tests.cast import ENVELOPE, ORDERED
from orders.domain.tests.invariants import assert_all_invariants
from orders.domain.tests.test_invariants import ANYWHERE, chosen_among, going_on, states_after
from orders.event_codec import decode
from orders.event_store import StoredEvent
from orders.tests.log_in_memory import LogInMemory

STREAM = "order-" + "0a" * 16
DEEPEST = 3
PLACE = PlaceOrder(
    **ENVELOPE,
    number=ORDERED.number,
    day=ORDERED.day,
    customer=ORDERED.customer,
    name="",
    note="",
    lines=ORDERED.lines,
    currency=ORDERED.currency,
    promised_seconds=ORDERED.promised_seconds,
)
choices = st.lists(st.integers(0, 2**16), min_size=20, max_size=60)


class Crowd:
    """People who give commands about one order, some of them at the same moment."""

    def __init__(self, chosen: Sequence[int]) -> None:
        self.log = LogInMemory()
        self.given: list[Command] = []
        self.interrupted = 0
        self._choices = iter(chosen)
        lines = ORDERED.lines[: 1 + sum(chosen) % 2]  # of one line: it may be made with one tap
        handle(STREAM, replace(PLACE, lines=lines), store=self.log)
        self._work(self._choices, depth=0)

    @property
    def history(self) -> list[Event]:
        """What is in the log."""
        facts = [decode(event) for event in self.log.events]
        return [fact.event for fact in facts if fact is not None]

    def _work(self, mine: Iterator[int], depth: int) -> None:
        for choice in mine:
            command = self._command(choice)
            if command is None:
                continue
            if choice % 3 and depth < DEEPEST:
                self._let_others_in_before_the_append(choice % 3, depth)
            with suppress(Refused):
                handle(STREAM, command, store=self.log, pause=lambda _seconds: None)
            self.log.before_append = None

    def _let_others_in_before_the_append(self, so_many: int, depth: int) -> None:
        def others() -> None:
            self.interrupted += 1
            mine = [choice for choice, _ in zip(self._choices, range(so_many), strict=False)]
            self._work(iter(mine), depth + 1)

        self.log.before_append = others

    def _command(self, choice: int) -> Command | None:
        """Mostly one that would not be refused just now, and does not end everything.

        Now and then one that was given before, with its id.
        """
        if choice % 16 == 0 and self.given:
            return self.given[choice // 16 % len(self.given)]
        possible = going_on(states_after(self.history), ANYWHERE) if choice % 4 else ANYWHERE
        command = chosen_among(possible, choice // 4)
        if command is None:
            return None
        command_id = UUID(int=len(self.given) + 2)
        self.given.append(replace(command, command_id=command_id))
        return self.given[-1]


@settings(max_examples=150, deadline=None)
@given(choices)
def test_every_invariant_holds_however_they_get_in_one_anothers_way(chosen: list[int]) -> None:
    assert_all_invariants(Crowd(chosen).history)


@settings(max_examples=40, deadline=None)
@given(choices)
def test_a_command_is_carried_out_once_however_often_it_is_sent(chosen: list[int]) -> None:
    crowd = Crowd(chosen)
    before = len(crowd.log.events)
    written_by = {_command_id(event) for event in crowd.log.events}
    for command in crowd.given:
        if str(command.command_id) in written_by:
            handle(STREAM, command, store=crowd.log)
    assert len(crowd.log.events) == before


def test_they_do_get_in_one_anothers_way() -> None:
    dice = Random(9)
    crowds = [Crowd([dice.randrange(2**16) for _ in range(60)]) for _ in range(20)]
    assert sum(crowd.interrupted for crowd in crowds) > 100
    assert max(len(crowd.history) for crowd in crowds) > 15


def _command_id(event: StoredEvent) -> str:
    fact = decode(event)
    return "" if fact is None else str(fact.command_id)

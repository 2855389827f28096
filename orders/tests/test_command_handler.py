"""A command is carried out once, on what is true at that moment, and only by its own service."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from orders.command_handler import (
    TRIES,
    Conflict,
    ForeignFact,
    UnreadableFact,
    handle,
)
from orders.domain import ordering, payment, preparation
from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import CoffeeOrdered, OrderServed
from orders.domain.refused import AlreadyForgotten, AlreadyTaken, CommandIdReused, UnknownOrder
from orders.event_codec import key_ring
from orders.event_store import NewStoredEvent, OutcomeUnknown, WrongRevision
from orders.fingerprint import fingerprint_of
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import envelope, latte_order

STREAM = "order-" + "0a" * 16

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> LogInMemory:
    return LogInMemory()


def place(log: LogInMemory, command: ordering.PlaceOrder | None = None) -> None:
    handle(STREAM, command or latte_order(), store=log)


def take(log: LogInMemory, barista: str, command_id: object = None) -> None:
    command = preparation.StartPreparation(**envelope(actor=barista), barista=barista)
    handle(STREAM, command, store=log, pause=no_pause)


def no_pause(_seconds: float) -> None:
    pass


def no_waiting(_seconds: float) -> None:
    pytest.fail("A repeat is no conflict: nobody waits for it.")


def test_the_result_says_where_it_was_written(log: LogInMemory) -> None:
    done = handle(STREAM, latte_order(), store=log)

    assert (done.position, done.revision, done.replayed) == (100, 0, False)
    assert [type(event) for event in done.events] == [CoffeeOrdered]


def test_a_fact_is_counted_when_it_is_written_and_not_when_it_is_repeated(log: LogInMemory) -> None:
    def counted() -> float:
        labels = {"type": "CoffeeOrdered"}
        return REGISTRY.get_sample_value("barstucks_facts_appended_total", labels) or 0.0

    before, command = counted(), latte_order()
    place(log, command)
    place(log, command)

    assert counted() == before + 1


def test_a_new_order_is_one_call_to_the_log(log: LogInMemory) -> None:
    handle(STREAM, latte_order(), store=log)

    assert (log.reads, log.appends) == (0, 1)


def test_a_command_on_an_order_is_two_calls_to_the_log(log: LogInMemory) -> None:
    place(log)
    take(log, "staff-1")

    assert (log.reads, log.appends) == (1, 2)


def test_a_repeated_order_is_looked_at_once_more(log: LogInMemory) -> None:
    command = latte_order()
    place(log, command)

    assert handle(STREAM, command, store=log, pause=no_waiting).replayed
    assert (log.reads, log.appends) == (1, 2)


def test_a_repeat_is_known_though_its_customer_asked_to_be_forgotten(log: LogInMemory) -> None:
    command = latte_order(name="Carla")
    place(log, command)
    key_ring().destroy(command.customer)

    assert handle(STREAM, command, store=log).replayed


def test_an_order_of_whom_the_shop_has_forgotten_is_refused(log: LogInMemory) -> None:
    command = latte_order(name="Carla")
    key_ring().destroy(command.customer)

    with pytest.raises(AlreadyForgotten):
        handle(STREAM, command, store=log)
    assert log.appends == 0


def test_the_same_command_five_times_is_written_once(log: LogInMemory) -> None:
    command = latte_order()

    responses = [handle(STREAM, command, store=log) for _ in range(5)]

    assert len(log.events) == 1
    assert [response.replayed for response in responses] == [False, True, True, True, True]
    assert {(response.position, response.revision) for response in responses} == {(100, 0)}


def test_a_repeat_is_known_also_after_other_facts_came_in(log: LogInMemory) -> None:
    command = latte_order()
    place(log, command)
    take(log, "staff-1")

    again = handle(STREAM, command, store=log)

    assert again.replayed
    assert (again.position, again.revision) == (100, 0)
    assert len(log.events) == 2


def test_a_repeat_may_come_later_and_with_another_number(log: LogInMemory) -> None:
    command = latte_order()
    place(log, command)
    later = replace(command, number=42, at=command.at.replace(hour=13), promised_seconds=600)

    assert handle(STREAM, later, store=log).replayed


@pytest.mark.parametrize(
    "other",
    [
        {"note": "hot"},
        {"actor": "staff-9"},
        {"lines": ()},
    ],
)
def test_the_same_id_with_another_request_is_refused(
    log: LogInMemory, other: dict[str, object]
) -> None:
    command = latte_order()
    place(log, command)

    with pytest.raises(CommandIdReused):
        handle(STREAM, replace(command, **other), store=log)  # type: ignore[arg-type]
    assert len(log.events) == 1


def test_the_same_id_for_another_service_is_refused(log: LogInMemory) -> None:
    command = latte_order()
    place(log, command)

    with pytest.raises(CommandIdReused):
        handle(
            STREAM,
            preparation.NoteCancellation(**envelope(command.command_id)),
            store=log,
        )


def test_two_at_once_with_one_id_and_other_contents_one_is_written_one_refused(
    log: LogInMemory,
) -> None:
    first = latte_order()
    second = replace(first, actor="staff-9", number=42)
    log.before_append = lambda: place(log, first)

    with pytest.raises(CommandIdReused):
        handle(STREAM, second, store=log, pause=no_pause)

    assert len(log.events) == 1


def test_the_same_twice_at_once_is_answered_with_what_the_log_holds(log: LogInMemory) -> None:
    command = latte_order()
    log.before_append = lambda: place(log, command)

    done = handle(STREAM, replace(command, number=42), store=log, pause=no_pause)

    assert done.replayed
    assert [event.number for event in done.events if isinstance(event, CoffeeOrdered)] == [
        command.number
    ]
    assert len(log.events) == 1


def test_an_append_whose_response_was_lost_is_found_when_it_is_sent_again(
    log: LogInMemory,
) -> None:
    command = latte_order()

    class Silent(LogInMemory):
        def append(
            self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
        ) -> int:
            log.append(stream, expected_revision, events)
            raise OutcomeUnknown

    with pytest.raises(OutcomeUnknown):
        handle(STREAM, command, store=Silent())

    assert handle(STREAM, command, store=log).replayed
    with pytest.raises(CommandIdReused):
        handle(STREAM, replace(command, note="hot"), store=log)
    assert len(log.events) == 1


def test_one_append_sent_twice_by_the_log_s_client_counts_once(log: LogInMemory) -> None:
    class Doubled(LogInMemory):
        def append(
            self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
        ) -> int:
            log.append(stream, expected_revision, events)
            return log.append(stream, expected_revision, events)

    done = handle(STREAM, latte_order(), store=Doubled())

    assert not done.replayed
    assert len(log.events) == 1


def test_the_fingerprint_says_nothing_to_whoever_lacks_the_shop_s_secret() -> None:
    named = latte_order(name="Carla")

    assert "Carla" not in fingerprint_of(named)
    assert fingerprint_of(named) != fingerprint_of(replace(named, name="Karla"))


def test_after_a_conflict_it_decides_again_on_what_is_true_now(log: LogInMemory) -> None:
    place(log)
    log.before_append = lambda: take(log, "staff-1")

    with pytest.raises(AlreadyTaken):
        take(log, "staff-2")

    assert [event.type_name for event in log.events] == ["CoffeeOrdered", "PreparationStarted"]


def test_after_a_conflict_with_another_service_both_facts_stand(log: LogInMemory) -> None:
    place(log)
    pay = payment.TakeCash(**envelope(), payment="p1", given=570)
    log.before_append = lambda: take(log, "staff-1")

    done = handle(STREAM, pay, store=log, pause=no_pause)

    assert done.revision == 2
    assert [event.type_name for event in log.events] == [
        "CoffeeOrdered",
        "PreparationStarted",
        "OrderPaid",
    ]


def test_it_gives_up_after_ten_tries(log: LogInMemory) -> None:
    place(log)

    class Busy(LogInMemory):
        def append(self, *_: object) -> int:
            self.appends += 1
            raise WrongRevision

    busy = Busy()
    busy.events = log.events
    waits: list[float] = []
    command = preparation.StartPreparation(**envelope(), barista="staff-1")

    with pytest.raises(Conflict):
        handle(STREAM, command, store=busy, pause=waits.append)

    assert busy.appends == TRIES
    assert all(0 <= wait <= 0.2 for wait in waits)


def test_a_command_from_a_page_older_than_the_stream_is_a_conflict(log: LogInMemory) -> None:
    place(log)
    take(log, "staff-1")
    cancel = ordering.CancelOrder(**envelope(), reason="out of milk", by_shop=True)

    with pytest.raises(Conflict):
        handle(STREAM, cancel, store=log, seen_revision=0)

    assert not handle(STREAM, cancel, store=log, seen_revision=1).replayed


def test_a_command_that_changes_nothing_writes_nothing(log: LogInMemory) -> None:
    place(log)

    done = handle(STREAM, preparation.NoteCancellation(**envelope()), store=log)

    assert (done.position, done.revision, done.events) == (100, 0, ())
    assert log.appends == 1


def test_a_refusal_writes_nothing(log: LogInMemory) -> None:
    with pytest.raises(UnknownOrder):
        take(log, "staff-1")
    assert log.appends == 0


@dataclass(frozen=True, kw_only=True)
class Usurp(Command):
    """Preparation says what only ordering may say."""

    @property
    def service(self) -> Service[None]:
        def decide(_state: None, _command: Command) -> list[Event]:
            return [OrderServed()]

        return Service(Owner.PREPARATION, None, lambda state, _: state, decide)


def test_a_service_cannot_state_another_service_s_fact(log: LogInMemory) -> None:
    with pytest.raises(ForeignFact, match="preparation cannot state OrderServed"):
        handle(STREAM, Usurp(**envelope()), store=log)
    assert not log.events


@pytest.mark.parametrize(
    "strange",
    [
        {"type_name": "OrderDoubled"},
        {"data": b"{}"},
        {"metadata": b'{"service": "ordering", "schema": 99}'},
        {"metadata": b"no json"},
    ],
)
def test_a_service_does_not_decide_on_facts_of_its_own_it_cannot_read(
    log: LogInMemory, strange: dict[str, bytes]
) -> None:
    place(log)
    log.events[0] = replace(log.events[0], **strange)  # type: ignore[arg-type]
    cancel = ordering.CancelOrder(**envelope(), reason="out of milk", by_shop=True)

    with pytest.raises(UnreadableFact):
        handle(STREAM, cancel, store=log)
    assert log.appends == 1


def test_another_service_s_news_does_not_keep_it_from_deciding(log: LogInMemory) -> None:
    place(log)
    take(log, "staff-1")
    log.events[1] = replace(log.events[1], type_name="PreparationAutomated", event_id=uuid4())
    cancel = ordering.CancelOrder(**envelope(), reason="out of milk", by_shop=True)

    done = handle(STREAM, cancel, store=log)

    assert done.revision == 2

"""A name belongs to one customer, whatever is cut off half-way, until they are forgotten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from orders.customers import registration
from orders.domain.command import Envelope
from orders.domain.refused import AlreadyForgotten, AlreadyRegistered, BadInput, NameTaken
from orders.domain.streams import customer_stream
from orders.event_codec import forget as destroy_key
from orders.event_store import StoreUnavailable
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import CARLA, NOON, envelope

pytestmark = pytest.mark.django_db
BRUNO = UUID("0b" * 16)


class Interrupted(LogInMemory):
    """The process dies before it writes to a customer's own stream."""

    def append(self, stream: str, *rest: object) -> int:
        if stream.startswith("customer-"):
            raise StoreUnavailable
        return super().append(stream, *rest)  # type: ignore[arg-type]


def register(
    log: LogInMemory, customer: UUID, name: str, command_id: UUID | None = None, after: float = 0
) -> None:
    sent: Envelope = {**envelope(command_id), "at": NOON + timedelta(seconds=after)}
    registration.register(customer, name, sent, store=log)


def reserved_and_interrupted(customer: UUID, name: str, command_id: UUID) -> LogInMemory:
    log = Interrupted()
    with pytest.raises(StoreUnavailable):
        register(log, customer, name, command_id)
    working = LogInMemory()
    working.events = log.events
    return working


def forget(log: LogInMemory, customer: UUID) -> None:
    registration.forget(customer, envelope(), store=log)


def types(log: LogInMemory, stream: str = "") -> list[str]:
    return [event.type_name for event in log.events if stream in event.stream]


def test_the_name_is_reserved_and_then_registered() -> None:
    log = LogInMemory()

    register(log, CARLA, "Carla")

    assert types(log) == ["CustomerNameReserved", "CustomerRegistered"]
    assert registration.registered_name(CARLA, store=log) == "Carla"


def test_neither_stream_says_the_name() -> None:
    log = LogInMemory()

    register(log, CARLA, "Carla")

    for event in log.events:
        assert b"Carla" not in event.data + event.metadata
        assert "carla" not in event.stream.lower()


@pytest.mark.parametrize("alike", ["Carla", "carla", "  CARLA ", "Ｃarla"])
def test_a_name_that_looks_alike_is_taken(alike: str) -> None:
    log = LogInMemory()
    register(log, CARLA, "Carla")

    with pytest.raises(NameTaken):
        register(log, BRUNO, alike, after=3600)


def test_the_same_form_again_changes_nothing() -> None:
    log, form = LogInMemory(), uuid4()
    register(log, CARLA, "Carla", form)

    for after in (1, 100):
        register(log, CARLA, "Carla", form, after)

    assert types(log, customer_stream(CARLA)) == ["CustomerRegistered"]


@pytest.mark.parametrize("after", [1, 45, 3600])
def test_whoever_was_interrupted_goes_on(after: float) -> None:
    form = uuid4()
    log = reserved_and_interrupted(CARLA, "Carla", form)

    register(log, CARLA, "Carla", form, after)

    assert registration.registered_name(CARLA, store=log) == "Carla"
    with pytest.raises(NameTaken):
        register(log, BRUNO, "Carla", after=after + 3600)


def test_a_fresh_reservation_is_respected() -> None:
    log = reserved_and_interrupted(CARLA, "Carla", uuid4())

    with pytest.raises(NameTaken):
        register(log, BRUNO, "Carla", after=59)


def test_an_orphan_of_more_than_a_minute_is_taken_over_and_the_first_one_is_too_late() -> None:
    form = uuid4()
    log = reserved_and_interrupted(CARLA, "Carla", form)

    register(log, BRUNO, "Carla", after=61)

    assert registration.registered_name(BRUNO, store=log) == "Carla"
    with pytest.raises(NameTaken):
        register(log, CARLA, "Carla", form, after=62)
    assert registration.registered_name(CARLA, store=log) == ""


def test_an_owner_who_comes_back_late_renews_before_anybody_can_take_over() -> None:
    form = uuid4()
    log = reserved_and_interrupted(CARLA, "Carla", form)
    slow = Interrupted()
    slow.events = log.events
    with pytest.raises(StoreUnavailable):
        register(slow, CARLA, "Carla", form, after=58)

    with pytest.raises(NameTaken):
        register(log, BRUNO, "Carla", after=62)


def test_of_two_who_take_over_at_once_one_wins() -> None:
    log = reserved_and_interrupted(CARLA, "Carla", uuid4())
    ada = uuid4()
    log.before_append = lambda: register(log, ada, "Carla", after=61)

    with pytest.raises(NameTaken):
        register(log, BRUNO, "Carla", after=61)

    assert registration.registered_name(ada, store=log) == "Carla"
    assert registration.registered_name(BRUNO, store=log) == ""


def test_a_second_name_is_refused_and_stays_free_for_others() -> None:
    log = LogInMemory()
    register(log, CARLA, "Carla")

    with pytest.raises(AlreadyRegistered):
        register(log, CARLA, "Caroline")

    register(log, BRUNO, "Caroline")
    with pytest.raises(NameTaken):
        register(log, uuid4(), "Carla", after=3600)


def test_a_name_that_is_too_long_is_not_kept() -> None:
    log = LogInMemory()

    with pytest.raises(BadInput):
        register(log, CARLA, "C" * 41)

    assert types(log) == ["CustomerNameReserved", "CustomerNameReleased"]


def test_forgetting_frees_the_name() -> None:
    log = LogInMemory()
    register(log, CARLA, "Carla")

    forget(log, CARLA)
    forget(log, CARLA)

    assert types(log, customer_stream(CARLA)) == ["CustomerRegistered", "CustomerForgotten"]
    assert registration.registered_name(CARLA, store=log) == ""
    register(log, BRUNO, "Carla")


def test_whoever_was_forgotten_does_not_come_back() -> None:
    log = LogInMemory()
    register(log, CARLA, "Carla")
    forget(log, CARLA)

    with pytest.raises(AlreadyForgotten):
        register(log, CARLA, "Carla")
    register(log, BRUNO, "Carla")


def test_a_guest_may_ask_to_be_forgotten() -> None:
    log = LogInMemory()

    forget(log, CARLA)

    assert types(log) == ["CustomerForgotten"]


def test_a_name_whose_key_was_lost_is_still_taken() -> None:
    log = LogInMemory()
    register(log, CARLA, "Carla")
    destroy_key(CARLA.hex)

    with pytest.raises(NameTaken):
        register(log, BRUNO, "Carla", after=3600)

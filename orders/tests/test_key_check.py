"""Keys that are gone are noticed; those of the forgotten, and those still there, are not missed."""

from uuid import UUID

import pytest
from django.test import override_settings

from orders.domain.command import Command
from orders.domain.event import Event
from orders.domain.events import CustomerForgotten, CustomerRegistered
from orders.event_codec import encode, forget
from orders.event_store import StoredEvent
from orders.key_check import PAGE, CheckedKeys, KeysLost, check_keys
from orders.personal_data import CustomerKey, key_ring
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import CARLA, envelope

pytestmark = pytest.mark.django_db


class WholeLog(LogInMemory):
    """A log that can be read from a position, and that counts what was read."""

    read = 0

    def head(self) -> int:
        return self.events[-1].position if self.events else 0

    def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
        found = [event for event in self.events if event.position > (after or 0)][:limit]
        self.read += len(found)
        return found

    def write(self, event: Event, number: int = 0) -> None:
        customer = event.customer  # type: ignore[attr-defined]
        stream = f"customer-{customer}"
        written = encode(event, command=Command(**envelope()), index=number)
        revision = len(self.read_stream(stream)) - 1
        self.append(stream, None if revision < 0 else revision, [written])


def registered(number: int = 1) -> CustomerRegistered:
    return CustomerRegistered(customer=UUID(int=number).hex, name="Carla")


@pytest.fixture
def log() -> WholeLog:
    return WholeLog()


def lose_keys() -> None:
    CustomerKey.objects.all().delete()
    CheckedKeys.objects.all().delete()
    key_ring().clear()


def test_an_empty_log_and_a_whole_one_pass(log: WholeLog) -> None:
    assert check_keys(log)
    log.write(registered())
    assert check_keys(log)


def test_a_deleted_database_is_noticed(log: WholeLog) -> None:
    log.write(registered())
    check_keys(log)
    lose_keys()

    with pytest.raises(KeysLost, match=r"put back the newest copy.*OPEN_WITHOUT_KEYS=yes"):
        check_keys(log)
    with pytest.raises(KeysLost):
        check_keys(log)


def test_an_older_copy_of_the_database_is_noticed(log: WholeLog) -> None:
    log.write(registered(1))
    check_keys(log)
    copy = list(CustomerKey.objects.all()), list(CheckedKeys.objects.all())
    for number in range(2, 5):
        log.write(registered(number))
    log.write(registered(1), number=7)
    check_keys(log)
    lose_keys()
    CustomerKey.objects.bulk_create(copy[0])
    CheckedKeys.objects.bulk_create(copy[1])

    with pytest.raises(KeysLost, match="about 3 of them"):
        check_keys(log)


def test_a_forgotten_customer_is_not_missed(log: WholeLog) -> None:
    log.write(registered())
    log.write(CustomerForgotten(customer=UUID(int=1).hex), number=1)
    forget(UUID(int=1).hex)

    assert check_keys(log)
    lose_keys()
    assert check_keys(log)


def test_what_was_checked_is_not_read_again(log: WholeLog) -> None:
    for number in range(PAGE + 3):
        log.write(registered(number))
    assert check_keys(log)
    read = log.read

    assert check_keys(log)
    log.write(registered(CARLA.int))
    assert check_keys(log)

    assert read == PAGE + 3
    assert log.read == read + 1


def test_a_start_does_not_wait_for_a_long_log(log: WholeLog) -> None:
    for number in range(PAGE + 3):
        log.write(registered(number))

    assert check_keys(log, seconds=0.0) is False
    assert check_keys(log) is True


def test_a_log_that_ends_before_what_was_checked_is_read_from_its_beginning(log: WholeLog) -> None:
    for number in range(3):
        log.write(registered(number))
    check_keys(log)
    CustomerKey.objects.filter(customer=UUID(int=0).hex).delete()
    log.events.pop()

    with pytest.raises(KeysLost):
        check_keys(log)


def test_the_loss_may_be_accepted_once(log: WholeLog) -> None:
    log.write(registered())
    lose_keys()

    with override_settings(OPEN_WITHOUT_KEYS=True):
        assert check_keys(log)

    assert check_keys(log)
    log.write(registered(2))
    assert check_keys(log)

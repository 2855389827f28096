"""Who is known here by name, and which numbers a process may hand out."""

from dataclasses import replace

from orders.domain import customer, order_numbers
from orders.domain.customer import ForgetCustomer, RegisterCustomer, ReleaseName, ReserveName
from orders.domain.events import (
    CustomerForgotten,
    CustomerNameReleased,
    CustomerNameReserved,
    CustomerRegistered,
    OrderNumbersReserved,
)
from orders.domain.order_numbers import ReserveOrderNumbers, numbers_of_block
from orders.domain.refused import (
    AlreadyForgotten,
    AlreadyRegistered,
    BadInput,
    NameTaken,
    NumbersTaken,
    UnknownCommand,
)
from orders.domain.tests.cast import CARLA, ENVELOPE
from orders.domain.tests.specification import given

HELEN = "0e" * 16
RESERVE = ReserveName(**ENVELOPE, customer=CARLA)
RELEASE = ReleaseName(**ENVELOPE, customer=CARLA)
REGISTER = RegisterCustomer(**ENVELOPE, customer=CARLA, name="Carla")
FORGET = ForgetCustomer(**ENVELOPE, customer=CARLA)
RESERVED = CustomerNameReserved(customer=CARLA)
RELEASED = CustomerNameReleased(customer=CARLA)
REGISTERED = CustomerRegistered(customer=CARLA, name="Carla")
FORGOTTEN = CustomerForgotten(customer=CARLA)
BLOCK = ReserveOrderNumbers(**ENVELOPE, day="2026-05-04", block=2)


def test_a_free_name_is_reserved() -> None:
    given(customer.SERVICE).when(RESERVE).then(RESERVED)


def test_a_name_belongs_to_one_customer() -> None:
    helens = CustomerNameReserved(customer=HELEN)

    given(customer.SERVICE, helens).when(RESERVE).then_refused(NameTaken)


def test_reserving_again_after_a_crash_goes_on() -> None:
    given(customer.SERVICE, RESERVED).when(RESERVE).then_nothing()


def test_a_released_name_is_free_again() -> None:
    given(customer.SERVICE, RESERVED).when(RELEASE).then(RELEASED)
    given(customer.SERVICE, RESERVED, RELEASED).when(RELEASE).then_nothing()
    given(customer.SERVICE, CustomerNameReserved(customer=HELEN)).when(RELEASE).then_nothing()
    given(customer.SERVICE, RESERVED, RELEASED).when(ReserveName(**ENVELOPE, customer=HELEN)).then(
        CustomerNameReserved(customer=HELEN)
    )


def test_a_customer_registers_once() -> None:
    given(customer.SERVICE).when(REGISTER).then(REGISTERED)
    given(customer.SERVICE, REGISTERED).when(REGISTER).then_refused(AlreadyRegistered)


def test_a_name_is_short_and_not_empty() -> None:
    given(customer.SERVICE).when(replace(REGISTER, name=" ")).then_refused(BadInput)
    given(customer.SERVICE).when(replace(REGISTER, name="x" * 41)).then_refused(BadInput)


def test_a_customer_is_forgotten_for_good() -> None:
    given(customer.SERVICE, REGISTERED).when(FORGET).then(FORGOTTEN)
    given(customer.SERVICE, REGISTERED, FORGOTTEN).when(FORGET).then_nothing()
    given(customer.SERVICE, REGISTERED, FORGOTTEN).when(REGISTER).then_refused(AlreadyForgotten)


def test_a_guest_is_forgotten_too() -> None:
    given(customer.SERVICE).when(FORGET).then(FORGOTTEN)


def test_a_block_of_order_numbers_is_reserved_once() -> None:
    reserved = OrderNumbersReserved(day="2026-05-04", first=41, last=60)

    given(order_numbers.SERVICE).when(BLOCK).then(reserved)
    given(order_numbers.SERVICE, reserved).when(BLOCK).then_refused(NumbersTaken)


def test_order_numbers_begin_at_1_and_blocks_join_without_a_gap() -> None:
    assert numbers_of_block(0) == (1, 20)
    assert numbers_of_block(1) == (21, 40)
    given(order_numbers.SERVICE).when(replace(BLOCK, block=-1)).then_refused(BadInput)


def test_each_service_keeps_to_its_business() -> None:
    given(customer.SERVICE).when(BLOCK).then_refused(UnknownCommand)
    given(order_numbers.SERVICE).when(RESERVE).then_refused(UnknownCommand)

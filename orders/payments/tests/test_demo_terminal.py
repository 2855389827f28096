"""The demo terminal behaves as its cards say, and remembers every key."""

import pytest
from pytest_django import Settings

from orders.payments.demo_terminal import DemoTerminal, DemoTerminalCharge
from orders.payments.gateway import (
    Approved,
    Cancelled,
    Declined,
    GatewayTimeout,
    NoGateway,
    NotFound,
    Refunded,
    RefundRefused,
)
from orders.payments.terminal import payment_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def terminal() -> DemoTerminal:
    return DemoTerminal(sleep=lambda _seconds: None)


def charge(terminal: DemoTerminal, card: str, key: str = "k") -> object:
    return terminal.charge(key, 520, "EUR", card)


def test_a_good_card_is_charged_once_however_often_it_is_sent(terminal: DemoTerminal) -> None:
    assert [charge(terminal, "demo-approve") for _ in range(3)] == [Approved()] * 3

    assert DemoTerminalCharge.objects.get().asked == 3
    assert terminal.status("k") == Approved()


@pytest.mark.parametrize("card", ["demo-decline", "no such card"])
def test_other_cards_are_declined_with_a_reason(terminal: DemoTerminal, card: str) -> None:
    outcome = charge(terminal, card)

    assert isinstance(outcome, Declined)
    assert outcome.reason.endswith(".")
    assert terminal.status("k") == outcome


def test_a_timeout_hangs_but_charges(terminal: DemoTerminal) -> None:
    hung: list[float] = []
    slow = DemoTerminal(sleep=hung.append, timeout=3)

    with pytest.raises(GatewayTimeout):
        charge(slow, "demo-timeout")

    assert hung == [3]
    assert terminal.status("k") == Approved()
    assert charge(terminal, "demo-timeout") == Approved()


def test_a_lost_request_charges_nothing_and_can_be_called_off(terminal: DemoTerminal) -> None:
    for _ in range(2):
        with pytest.raises(GatewayTimeout):
            charge(terminal, "demo-lost")
    assert terminal.status("k") == NotFound()

    assert terminal.cancel("k") == Cancelled()
    assert isinstance(charge(terminal, "demo-lost"), Declined)
    assert isinstance(charge(terminal, "demo-approve"), Declined)


def test_what_was_charged_cannot_be_called_off(terminal: DemoTerminal) -> None:
    charge(terminal, "demo-approve")

    assert terminal.cancel("k") == Approved()


def test_money_goes_back_once_per_key_and_never_more_than_came(terminal: DemoTerminal) -> None:
    charge(terminal, "demo-approve")

    assert terminal.refund("r", "k", 520) == terminal.refund("r", "k", 520) == Refunded()

    with pytest.raises(RefundRefused):
        terminal.refund("r2", "k", 1)
    with pytest.raises(RefundRefused):
        terminal.refund("r3", "unknown", 1)


def test_a_declined_charge_cannot_be_refunded(terminal: DemoTerminal) -> None:
    charge(terminal, "demo-decline")

    with pytest.raises(RefundRefused):
        terminal.refund("r", "k", 520)


def test_a_shop_without_a_gateway_declines(settings: Settings) -> None:
    settings.PAYMENT_GATEWAY = "none"
    payment_gateway.cache_clear()

    gateway = payment_gateway()

    assert isinstance(gateway, NoGateway)
    assert isinstance(gateway.charge("k", 1, "EUR", "card"), Declined)
    assert (gateway.status("k"), gateway.cancel("k")) == (NotFound(), Cancelled())
    with pytest.raises(RefundRefused):
        gateway.refund("r", "k", 1)
    payment_gateway.cache_clear()

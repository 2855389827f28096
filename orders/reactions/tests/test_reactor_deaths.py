"""The reactor dies at every step of a charge and of a refund: the card moves at most once."""

from collections.abc import Callable

import pytest

from orders.reactions.tests.bank import Killed
from orders.reactions.tests.reactor_at_work import PRICE, ShopAtWork


@pytest.fixture
def shop() -> ShopAtWork:
    shop = ShopAtWork()
    shop.order()
    return shop


def kill_before_the_charge(shop: ShopAtWork) -> None:
    shop.bank.killed_before = "charge"


def kill_after_the_charge(shop: ShopAtWork) -> None:
    shop.bank.killed_after = "charge"


def kill_before_noting_the_charge(shop: ShopAtWork) -> None:
    shop.log.killed_before_append = "OrderPaid"


def kill_after_noting_the_charge(shop: ShopAtWork) -> None:
    shop.log.killed_after_append = "OrderPaid"


def kill_before_the_checkpoint(shop: ShopAtWork) -> None:
    shop.checkpoint.killed = True


def kill_before_starting_the_refund(shop: ShopAtWork) -> None:
    shop.log.killed_before_append = "RefundStarted"


def kill_after_starting_the_refund(shop: ShopAtWork) -> None:
    shop.log.killed_after_append = "RefundStarted"


def kill_before_the_refund(shop: ShopAtWork) -> None:
    shop.bank.killed_before = "refund"


def kill_after_the_refund(shop: ShopAtWork) -> None:
    shop.bank.killed_after = "refund"


def kill_before_noting_the_refund(shop: ShopAtWork) -> None:
    shop.log.killed_before_append = "PaymentRefunded"


def kill_after_noting_the_refund(shop: ShopAtWork) -> None:
    shop.log.killed_after_append = "PaymentRefunded"


CHARGE_KILLS = [
    kill_before_the_charge,
    kill_after_the_charge,
    kill_before_noting_the_charge,
    kill_after_noting_the_charge,
    kill_before_the_checkpoint,
]
REFUND_KILLS = [
    kill_before_starting_the_refund,
    kill_after_starting_the_refund,
    kill_before_the_refund,
    kill_after_the_refund,
    kill_before_noting_the_refund,
    kill_after_noting_the_refund,
    kill_before_the_checkpoint,
]


@pytest.mark.parametrize("kill", CHARGE_KILLS, ids=lambda kill: kill.__name__)
def test_a_reactor_killed_at_any_step_of_a_charge_charges_once(
    shop: ShopAtWork, kill: Callable[[ShopAtWork], None]
) -> None:
    shop.pay()
    kill(shop)

    with pytest.raises(Killed):
        shop.react()
    shop.react()

    assert shop.types.count("OrderPaid") == 1
    assert list(shop.bank.charged.values()) == [PRICE]


@pytest.mark.parametrize("kill", REFUND_KILLS, ids=lambda kill: kill.__name__)
def test_a_reactor_killed_at_any_step_of_a_refund_refunds_once(
    shop: ShopAtWork, kill: Callable[[ShopAtWork], None]
) -> None:
    shop.pay()
    shop.react()
    shop.cancel()
    kill(shop)

    with pytest.raises(Killed):
        shop.react()
    shop.react()

    assert shop.types.count("PaymentRefunded") == 1
    assert (list(shop.bank.refunded.values()), shop.bank.balance) == ([PRICE], 0)

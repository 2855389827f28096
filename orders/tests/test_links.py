"""A link opens what the shop signed, and nothing else."""

from uuid import uuid4

import pytest

from orders.links import (
    customer_in,
    customer_token,
    order_id_for,
    order_in,
    order_token,
)
from orders.tests.shop_cast import CARLA


def test_a_link_leads_back_to_its_order_and_stays_the_same() -> None:
    order = uuid4()

    assert order_in(order_token(order)) == order
    assert order_token(order) == order_token(order)


def test_a_customer_s_link_is_no_order_s_link() -> None:
    assert customer_in(customer_token(CARLA)) == CARLA
    assert order_in(customer_token(CARLA)) is None
    assert customer_in(order_token(CARLA)) is None


@pytest.mark.parametrize("spoiled", ["", "x", ".", "0c" * 16, "0c" * 16 + ".", "0c" * 16 + ".sig"])
def test_what_the_shop_did_not_sign_opens_nothing(spoiled: str) -> None:
    assert order_in(spoiled) is None


def test_another_id_with_a_known_signature_opens_nothing() -> None:
    _, _, signature = order_token(uuid4()).partition(".")

    assert order_in(f"{uuid4().hex}.{signature}") is None


def test_the_same_form_of_the_same_customer_is_the_same_order() -> None:
    form = uuid4()

    assert order_id_for(CARLA.hex, form) == order_id_for(CARLA.hex, form)
    assert order_id_for(CARLA.hex, form) != order_id_for(uuid4().hex, form)

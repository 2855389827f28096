"""Payments succeed, are declined or are rolled back; money of a cancelled order comes back."""

import pytest

from tests.faults.recorded import read_log
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor

OUTCOMES = {"OrderPaid", "PaymentDeclined", "PaymentRolledBack"}


def outcomes(shop: Shop, placed: PlacedOrder) -> list[str]:
    return [
        event.type_name
        for event in read_log(shop.eventstore_uri)
        if event.order == placed.order and event.type_name in OUTCOMES
    ]


@pytest.mark.parametrize(
    ("card", "outcome", "words"),
    [
        ("demo-approve", "OrderPaid", "Paid."),
        ("demo-decline", "PaymentDeclined", "The card was declined"),
        ("demo-timeout", "OrderPaid", "Paid."),
        ("demo-lost", "PaymentRolledBack", "nothing was charged"),
    ],
)
def test_every_started_card_payment_comes_to_one_outcome(
    helen: Visitor, shop: Shop, card: str, outcome: str, words: str
) -> None:
    placed = helen.order(card=card)
    shop.wait_until(lambda: outcomes(shop, placed) != [], 60)
    assert outcomes(shop, placed) == [outcome]
    helen.wait_for_words(placed, words)


def test_after_a_declined_card_another_one_can_be_tried(helen: Visitor, shop: Shop) -> None:
    placed = helen.order(card="demo-decline")
    helen.wait_for_words(placed, "The card was declined")
    again = helen.open(placed.tracking).form(ending="/pay/")
    assert helen.submit(again, {"card_token": "demo-approve"}).status_code == 303
    helen.wait_for_words(placed, "Paid.")
    assert outcomes(shop, placed) == ["PaymentDeclined", "OrderPaid"]


def test_after_a_declined_card_the_counter_takes_cash(helen: Visitor, casey: Visitor) -> None:
    placed = helen.order(card="demo-decline")
    helen.wait_for_words(placed, "The card was declined")
    assert casey.press(f"/till/{placed.order}/cash/", given="50.00").status_code < 300
    helen.wait_for_words(placed, "Paid.")


def test_a_cancelled_order_that_was_paid_by_card_is_refunded_once(
    helen: Visitor, shop: Shop
) -> None:
    placed = helen.order(card="demo-approve")
    helen.wait_for_words(placed, "Paid.")
    cancel = helen.open(placed.tracking).form(ending="/cancel/")
    assert helen.submit(cancel).status_code == 303
    helen.wait_for_words(placed, "was given back")
    events = [e for e in read_log(shop.eventstore_uri) if e.order == placed.order]
    paid = next(event for event in events if event.type_name == "OrderPaid")
    back = [event for event in events if event.type_name == "PaymentRefunded"]
    assert [event.data["amount"] for event in back] == [paid.data["amount"]]


def test_a_customer_cannot_cancel_what_is_being_made(helen: Visitor, bao: Visitor) -> None:
    placed = helen.order()
    cancel = helen.open(placed.tracking).form(ending="/cancel/")
    assert bao.press(f"/bar/{placed.order}/take/").status_code < 300
    assert helen.submit(cancel).status_code == 409
    helen.wait_for_words(placed, "is making it")


def test_cash_of_a_cancelled_order_is_given_back_by_hand(
    helen: Visitor, casey: Visitor, shop: Shop
) -> None:
    placed = helen.order()
    assert casey.press(f"/till/{placed.order}/cash/", given="50.00").status_code < 300
    cancelled = casey.press(f"/till/{placed.order}/cancel/", reason="out of beans")
    assert cancelled.status_code < 300, cancelled.text
    back = casey.press(f"/till/{placed.order}/give-back/", reason="out of beans")
    assert back.status_code < 300, back.text
    twice = casey.press(f"/till/{placed.order}/give-back/", reason="out of beans")
    assert twice.status_code == 409
    helen.wait_for_words(placed, "was given back")
    events = [e.type_name for e in read_log(shop.eventstore_uri) if e.order == placed.order]
    assert events.count("PaymentRefunded") == 1


def test_too_little_cash_is_refused_in_words(helen: Visitor, casey: Visitor) -> None:
    placed = helen.order()
    refused = casey.press(f"/till/{placed.order}/cash/", given="0.01")
    assert refused.status_code in {409, 422}
    assert refused.json()["detail"]
    helen.wait_for_words(placed, "to pay, at any time")

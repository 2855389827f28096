"""Paying on the order's page: started once, refused in words, never waited for."""

from uuid import uuid4

import pytest
from pytest_django import Settings

from orders.domain.events import PaymentStarted
from orders.tests.guest import BOTH, Guest, facts_behind, order_behind, words_of

pytestmark = pytest.mark.django_db(databases=BOTH)


def form(card: str = "demo-approve") -> dict[str, str]:
    return {"command_id": str(uuid4()), "card_token": card}


def test_a_payment_is_started(carla: Guest) -> None:
    url = carla.placed()
    response = carla.post(f"{url}pay/", form())
    assert response.status_code == 303
    event = facts_behind(url)[-1].event
    assert isinstance(event, PaymentStarted)
    assert (event.amount, event.card_token) == (420, "demo-approve")
    assert "Your card payment is under way." in words_of(carla.get(response["Location"]))


def test_the_same_form_pays_once(carla: Guest) -> None:
    url = carla.placed()
    one = form()
    for _ in range(5):
        assert carla.post(f"{url}pay/", one).status_code == 303
    assert len(facts_behind(url)) == 2


def test_a_second_payment_meanwhile_is_refused(carla: Guest) -> None:
    url = carla.placed()
    carla.post(f"{url}pay/", form())
    response = carla.post(f"{url}pay/", form())
    assert response.status_code == 409
    assert len(facts_behind(url)) == 2


@pytest.mark.parametrize("card", ["", "4111111111111111", "demo-free", "x" * 10_000])
def test_only_cards_of_this_terminal(carla: Guest, card: str) -> None:
    url = carla.placed()
    response = carla.post(f"{url}pay/", form(card))
    assert response.status_code == 422
    assert "Please choose a card." in words_of(response)
    assert len(facts_behind(url)) == 1


def test_an_amount_cannot_be_sent(carla: Guest) -> None:
    url = carla.placed()
    carla.post(f"{url}pay/", {**form(), "amount": "1", "currency": "XXX"})
    event = facts_behind(url)[-1].event
    assert isinstance(event, PaymentStarted)
    assert (event.amount, event.currency) == (420, "EUR")


def test_nothing_is_charged_but_what_the_button_said(carla: Guest) -> None:
    url = carla.placed()
    assert 'name="seen_due" value="420"' in words_of(carla.get(url))
    carla.get(f"{url}change/?start=1")
    carla.post(f"{url}change/1/quantity/", {"quantity": "2"})
    carla.post(f"{url}change/", {"command_id": str(uuid4()), "note": ""})
    late = carla.post(f"{url}pay/", {**form(), "seen_due": "420"})
    assert late.status_code == 409
    assert "€8.40 is due now." in words_of(late)
    assert not [fact for fact in facts_behind(url) if isinstance(fact.event, PaymentStarted)]
    page = words_of(carla.get(url))
    assert 'data-pay-words="Pay €8.40 by card"' in page
    assert carla.post(f"{url}pay/", {**form(), "seen_due": "840"}).status_code == 303


def test_a_shop_without_a_terminal_takes_cards_at_the_counter(
    carla: Guest, settings: Settings
) -> None:
    url = carla.placed()
    settings.PAYMENT_GATEWAY = "none"
    response = carla.post(f"{url}pay/", form())
    assert response.status_code == 422
    assert "This shop takes cards at the counter." in words_of(response)
    assert "Pay now" not in words_of(carla.get(url))
    carla.add()
    assert "Now, by card" not in words_of(carla.get("/basket/"))


def test_without_the_signature_there_is_nothing(carla: Guest) -> None:
    order = order_behind(carla.placed())
    assert carla.post(f"/o/{order.hex}/pay/", form()).status_code == 404


def test_paying_takes_a_post_from_our_own_page(carla: Guest) -> None:
    url = carla.placed()
    assert carla.get(f"{url}pay/").status_code == 405
    assert Guest(enforce_csrf_checks=True).post(f"{url}pay/", form()).status_code == 403

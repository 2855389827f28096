"""The page of an order: what it says now, what it said then, and who may see it.

No projector runs here: the page reads the order's own stream, as it does whenever it is first.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from orders.command_handler import handle
from orders.domain import ordering, payment, preparation
from orders.domain.streams import order_stream
from orders.links import order_token
from orders.tests.guest import BOTH, Guest, facts_behind, order_behind, words_of

pytestmark = pytest.mark.django_db(databases=BOTH)


def bao(url: str, *steps: str) -> None:
    """Somebody at the bar takes the order, or calls it ready."""
    envelope = {"at": timezone.now(), "actor": "staff-1", "barista": "staff-1"}
    for step in steps:
        command = (
            preparation.StartPreparation(command_id=uuid4(), take_over=False, **envelope)  # type: ignore[arg-type]
            if step == "take"
            else preparation.FinishPreparation(command_id=uuid4(), desk=1, **envelope)  # type: ignore[arg-type]
        )
        handle(order_stream(order_behind(url)), command)


def test_a_new_order_shows_its_number_its_promise_and_what_is_due(carla: Guest) -> None:
    carla.add()
    page = words_of(carla.get(carla.order(name="Helen")["Location"]))
    assert 'data-step="1"' in page
    assert "In the queue" in page
    assert "Ready about" in page
    assert "€4.20 to pay, at any time." in page
    assert "Pay €4.20 by card" in page
    assert "You can cancel until we start." in page
    assert 'data-if="mayCancel">' in page
    assert "Helen" in page


def test_it_works_without_scripts(carla: Guest) -> None:
    page = words_of(carla.get(carla.placed()))
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page


def test_while_it_is_made_it_cannot_be_cancelled_but_paid(carla: Guest) -> None:
    url = carla.placed()
    bao(url, "take")
    page = words_of(carla.get(url))
    assert 'data-step="2"' in page
    assert "is making it." in page
    assert 'data-if="mayCancel" hidden' in page
    assert 'data-if="mayPay">' in page
    assert "Pay €4.20 by card" in page


def test_ready_says_where_and_what_to_pay(carla: Guest) -> None:
    url = carla.placed()
    bao(url, "take", "ready")
    page = words_of(carla.get(url))
    assert 'data-step="ready"' in page
    assert "Ready at the end of the bar" in page
    assert "Please pay €4.20" in page
    assert "<title>☕ READY" in page


def test_a_page_of_the_past_is_labelled_and_has_no_buttons(carla: Guest) -> None:
    url = carla.placed()
    bao(url, "take", "ready")
    ordered_at = facts_behind(url)[0].occurred_at.isoformat()
    page = words_of(carla.get(url, {"at": ordered_at}))
    assert "HISTORY" in page
    assert 'data-step="1"' in page
    assert "<button" not in page
    assert "data-live" not in page


def test_a_cancelled_order_is_followed_until_its_money_is_back(carla: Guest) -> None:
    url = carla.placed()
    card = {"command_id": str(uuid4()), "card_token": "demo-approve"}
    assert carla.post(f"{url}pay/", card).status_code == 303
    carla.post(f"{url}cancel/", {"command_id": str(uuid4())})
    page = words_of(carla.get(url))
    assert "The card payment is being undone." in page
    assert "data-live=" in page
    assert 'http-equiv="refresh"' in page
    unpaid = carla.placed()
    carla.post(f"{unpaid}cancel/", {"command_id": str(uuid4())})
    page = words_of(carla.get(unpaid))
    assert "Nothing was charged." in page
    assert "data-live=" not in page
    assert 'http-equiv="refresh"' not in page


@pytest.mark.parametrize(("minutes", "is_followed"), [(1, True), (31, False)])
def test_what_was_just_handed_over_is_followed_as_it_may_be_made_again(
    carla: Guest, minutes: int, is_followed: bool
) -> None:
    url = carla.placed()
    bao(url, "take", "ready")
    served = {"actor": "staff-1", "at": timezone.now() - timedelta(minutes=minutes)}
    for command in (
        payment.TakeCash(command_id=uuid4(), payment="p", given=420, **served),  # type: ignore[arg-type]
        ordering.ServeOrder(command_id=uuid4(), **served),  # type: ignore[arg-type]
    ):
        handle(order_stream(order_behind(url)), command)
    page = words_of(carla.get(url))
    assert "Enjoy!" in page
    assert ("data-live=" in page) is is_followed


def test_before_it_was_ordered_there_was_nothing(carla: Guest) -> None:
    assert carla.get(carla.placed(), {"at": "2001-01-01T00:00:00Z"}).status_code == 404


def test_a_time_that_is_none_is_refused(carla: Guest) -> None:
    assert carla.get(carla.placed(), {"at": "yesterday"}).status_code == 422


def test_nonsense_to_wait_for_is_ignored(carla: Guest) -> None:
    url = carla.placed()
    for nonsense in ("x", "-1", "9" * 50, "²"):
        assert carla.get(url, {"after": nonsense}).status_code == 200


def test_whoever_has_the_link_sees_it_and_nobody_else(carla: Guest, another_guest: Guest) -> None:
    url = carla.placed()
    order = order_behind(url)
    assert another_guest.get(url).status_code == 200
    unknown = another_guest.get(f"/o/{order_token(UUID(int=0))}/")
    forged = another_guest.get(f"/o/{order.hex}.forged/")
    assert (unknown.status_code, forged.status_code) == (404, 404)
    for number in ("1", "042", order.hex):
        assert another_guest.get(f"/o/{number}/").status_code == 404


def test_the_page_is_kept_by_nobody_and_takes_no_post(carla: Guest) -> None:
    url = carla.placed()
    assert "no-store" in carla.get(url)["Cache-Control"]
    assert carla.get(url)["Referrer-Policy"] == "same-origin"
    assert carla.post(url).status_code == 405


def test_my_page_lists_nobody_else_s_orders(carla: Guest, another_guest: Guest) -> None:
    url = carla.placed()
    assert url not in words_of(another_guest.get("/me/"))
    assert "Nothing yet." in words_of(another_guest.get("/me/"))


def test_the_export_is_a_file_of_one_s_own(carla: Guest, another_guest: Guest) -> None:
    name = f"Carla {uuid4().hex[:12]}"
    carla.post("/register/", {"command_id": str(uuid4()), "name": name})
    response = carla.get("/me/export.json")
    assert response["Content-Disposition"].startswith("attachment")
    assert [fact["facts"]["name"] for fact in response.json()] == [name]
    assert another_guest.get("/me/export.json").json() == []
    assert carla.post("/me/export.json").status_code == 405

"""Cancelling: free until the bar has started, by the holder of the order's link."""

from uuid import uuid4

import pytest
from django.utils import timezone

from orders.command_handler import handle
from orders.domain import preparation
from orders.domain.events import OrderCancelled
from orders.domain.streams import order_stream
from orders.tests.guest import BOTH, Guest, facts_behind, order_behind, words_of

pytestmark = pytest.mark.django_db(databases=BOTH)


def form() -> dict[str, str]:
    return {"command_id": str(uuid4())}


def bao_starts(url: str) -> None:
    handle(
        order_stream(order_behind(url)),
        preparation.StartPreparation(
            command_id=uuid4(),
            at=timezone.now(),
            actor="staff-1",
            barista="staff-1",
            take_over=False,
        ),
    )


def test_an_order_nobody_has_started_is_cancelled(carla: Guest) -> None:
    url = carla.placed()
    response = carla.post(f"{url}cancel/", form())
    assert response.status_code == 303
    assert response["Location"].startswith(url)
    assert isinstance(facts_behind(url)[-1].event, OrderCancelled)
    assert "Cancelled. Nothing was charged." in words_of(carla.get(response["Location"]))


def test_an_order_that_is_being_made_is_not(carla: Guest) -> None:
    url = carla.placed()
    bao_starts(url)
    response = carla.post(f"{url}cancel/", form())
    page = words_of(response)
    assert response.status_code == 409
    assert "That is not possible any more" in page
    assert f'href="{url}"' in page
    assert not isinstance(facts_behind(url)[-1].event, OrderCancelled)


def test_the_same_form_cancels_once(carla: Guest) -> None:
    url = carla.placed()
    one = form()
    for _ in range(3):
        assert carla.post(f"{url}cancel/", one).status_code == 303
    assert len(facts_behind(url)) == 2


def test_whoever_has_the_link_may_cancel(carla: Guest, another_guest: Guest) -> None:
    url = carla.placed()
    assert another_guest.post(f"{url}cancel/", form()).status_code == 303


def test_without_the_signature_there_is_nothing(carla: Guest) -> None:
    order = order_behind(carla.placed())
    for token in (order.hex, f"{order.hex}.forged", str(order), "41", "../../x", "$all"):
        assert carla.post(f"/o/{token}/cancel/", form()).status_code == 404


def test_a_form_without_an_id_is_refused(carla: Guest) -> None:
    url = carla.placed()
    assert carla.post(f"{url}cancel/", {}).status_code == 422
    assert len(facts_behind(url)) == 1


def test_cancelling_takes_a_post(carla: Guest) -> None:
    url = carla.placed()
    assert carla.get(f"{url}cancel/").status_code == 405
    assert len(facts_behind(url)) == 1


def test_a_form_from_elsewhere_is_refused(carla: Guest) -> None:
    url = carla.placed()
    assert Guest(enforce_csrf_checks=True).post(f"{url}cancel/", form()).status_code == 403


def test_a_program_reads_why(carla: Guest) -> None:
    url = carla.placed()
    bao_starts(url)
    response = carla.post(f"{url}cancel/", form(), headers={"Accept": "application/json"})
    assert response.status_code == 409
    assert response.json()["code"] == "already_started"


def test_while_the_log_is_away_it_says_try_again(carla: Guest, closed_log: None) -> None:
    carla.add()
    token = "0" * 32
    from uuid import UUID

    from orders.links import order_token

    response = carla.post(f"/o/{order_token(UUID(hex=token))}/cancel/", form())
    assert response.status_code == 503
    assert response["Retry-After"]

"""The till and the manager see a reactor that is behind, overdue payments, and what is parked."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from orders.event_store import StoredEvent
from orders.reactions.parking import ParkedReaction, StoredParking
from orders.reactions.progress import OpenPayment, ReactorProgress
from orders.staff_buttons import reactor_watch
from orders.tests.crew import Crew
from orders.tests.guest import BOTH, words_of

pytestmark = pytest.mark.django_db(databases=BOTH)

ORDER = "0a" * 16


@pytest.fixture
def ada(open_shop: None) -> Crew:
    """The manager."""
    return Crew("Ada", "manager")


@pytest.fixture
def casey(open_shop: None) -> Crew:
    """The cashier."""
    return Crew("Casey", "cashier")


@pytest.fixture
def in_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A payment without an answer, and a reactor far behind."""
    overdue = OpenPayment(
        stream=f"order-{ORDER}",
        type_name="PaymentStarted",
        since=timezone.now() - timedelta(minutes=2),
        number=41,
    )
    progress = ReactorProgress(events_behind=120, seconds_behind=14.2, overdue=(overdue,), parked=0)
    monkeypatch.setattr(reactor_watch, "reactor_progress", lambda _now: progress)


@pytest.fixture
def parked(db: None) -> ParkedReaction:
    """An event that nobody could react to."""
    stored = StoredEvent(
        event_id=uuid4(),
        type_name="PaymentStarted",
        data=b"{}",
        metadata=b"{}",
        stream=f"order-{ORDER}",
        revision=1,
        position=100,
        recorded_at=timezone.now(),
    )
    StoredParking().park(stored, ValueError("spoiled"))
    return ParkedReaction.objects.get()


def test_the_till_says_which_payments_are_overdue_and_that_the_reactor_is_behind(
    casey: Crew, in_trouble: None
) -> None:
    assert 'data-refresh="/till/reactor/"' in words_of(casey.get("/till/"))
    page = words_of(casey.get("/till/reactor/"))
    assert "1 card payment or refund without an answer for over a minute." in page
    assert f'<a href="?order={ORDER}">041</a>' in page
    assert "<strong>14 s</strong> behind (120 events)." in page


@pytest.mark.parametrize("path", ["/manage/projections/", "/manage/reactor/"])
def test_the_manager_sees_what_is_parked_and_decides(
    ada: Crew, parked: ParkedReaction, path: str
) -> None:
    page = words_of(ada.get(path))
    assert "ValueError: spoiled" in page
    assert f"/manage/parked-reactions/{parked.pk}/retry/" in page

    response = ada.press(f"/manage/parked-reactions/{parked.pk}/skip/", reason="given back by hand")

    assert response.status_code == 200
    parked.refresh_from_db()
    assert (parked.state, parked.reason) == ("skipped", "given back by hand")
    assert parked.decided_by == ada.actor
    assert "ValueError: spoiled" not in words_of(ada.get(path))


def test_a_decision_needs_a_reason_and_is_made_once(ada: Crew, parked: ParkedReaction) -> None:
    path = f"/manage/parked-reactions/{parked.pk}"
    assert ada.press(f"{path}/retry/").status_code == 422
    assert ada.press(f"{path}/burn/", reason="x").status_code == 404
    assert ada.press(f"{path}/retry/", reason="upgraded").status_code == 200
    again = ada.press(f"{path}/skip/", reason="by hand")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    response = ada.post(f"{path}/skip/", {"reason": "by hand"})
    assert response.status_code == 303
    assert response["Location"].startswith("/manage/projections/?notice=")


def test_only_those_who_may_see_and_decide(casey: Crew, parked: ParkedReaction) -> None:
    assert casey.get("/manage/reactor/").status_code == 403
    path = f"/manage/parked-reactions/{parked.pk}/skip/"
    assert casey.press(path, reason="x").status_code == 403
    assert Client().get("/till/reactor/").status_code == 302
    assert Crew("Bao", "barista").get("/till/reactor/").status_code == 403

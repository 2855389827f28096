"""The read side's own page: how far it is, what it parked, and deciding about that."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from projections.engine import progress
from projections.engine.backlog import BacklogWatch
from projections.engine.models import ParkedEvent, ParkedState
from projections.screens import PROJECTIONS
from projections.screens.read_side import PARKED_SHOWN
from projections.tests.at_a_screen import BOTH, member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> InMemoryLog:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1))
    monkeypatch.setattr(progress, "event_store", lambda: log)
    shown(log)
    return log


@pytest.fixture
def parked() -> ParkedEvent:
    return ParkedEvent.objects.create(
        projection="board",
        generation=1,
        stream=order_stream_number(1),
        revision=1,
        position=107,
        event_id=uuid4(),
        type_name="CoffeePrepared",
        recorded_at=datetime(2026, 5, 4, tzinfo=UTC),
        error="KeyError: <b>desk</b>",
    )


def test_every_projection_says_how_far_it_is(ada: Client) -> None:
    html = page(ada, "/manage/projections/")
    for projection in PROJECTIONS:
        assert projection.name in html
    assert "✓ nothing" in html
    assert "Nothing is parked" in html


def test_a_projector_that_has_not_spoken_yet_is_not_called_silent_at_once(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The projector is silent" in page(ada, "/manage/projections/")

    just_opened = BacklogWatch()
    just_opened.start()
    monkeypatch.setattr(progress, "backlog", just_opened)
    html = page(ada, "/manage/projections/")
    assert "silent" not in html
    assert "the projector has not spoken yet" in html


def test_being_behind_is_said_in_events_and_seconds(ada: Client, log: InMemoryLog) -> None:
    log.write(order_stream_number(2), ordered(2))
    assert "1 event, " in page(ada, "/manage/projections/")


def test_a_parked_event_is_shown_with_its_error_as_text(ada: Client, parked: ParkedEvent) -> None:
    html = page(ada, "/manage/projections/")
    assert "KeyError: &lt;b&gt;desk&lt;/b&gt;" in html
    assert f'action="/manage/parked/{parked.pk}/retry/"' in html


@pytest.mark.parametrize(
    ("decision", "state"), [("retry", ParkedState.RETRY), ("skip", ParkedState.SKIPPED)]
)
def test_a_manager_decides_once_and_says_why(
    ada: Client, parked: ParkedEvent, decision: str, state: ParkedState
) -> None:
    path = f"/manage/parked/{parked.pk}/{decision}/"
    assert ada.post(path, {"reason": " "}).status_code == 422
    response = ada.post(path, {"reason": "the desk is known now"})
    assert response.status_code == 303
    parked.refresh_from_db()
    assert (parked.state, parked.reason) == (state, "the desk is known now")
    again = ada.post(path, {"reason": "again"}, headers={"Accept": "application/json"})
    assert again.status_code == 409
    assert again["Content-Type"] == "application/problem+json"
    assert again.json()["detail"] == "This event is not parked any more."


def test_of_very_many_parked_events_the_oldest_are_shown_and_the_others_counted(
    ada: Client, parked: ParkedEvent
) -> None:
    for number in range(1, PARKED_SHOWN + 3):
        parked.pk, parked.position = None, parked.position + number
        parked.save(force_insert=True)

    html = page(ada, "/manage/projections/")

    assert html.count("CoffeePrepared") == PARKED_SHOWN
    assert f'<span class="badge bad">{PARKED_SHOWN + 3}</span>' in html
    assert "3 more come here" in html


def test_a_decision_there_is_not_is_not_found(ada: Client, parked: ParkedEvent) -> None:
    assert ada.post(f"/manage/parked/{parked.pk}/burn/", {"reason": "x"}).status_code == 404


def test_who_may_look_and_who_may_decide(parked: ParkedEvent) -> None:
    path = f"/manage/parked/{parked.pk}/retry/"
    assert Client().get("/manage/projections/")["Location"].startswith("/staff/login/")
    assert Client().post(path).status_code == 302
    for role in ("barista", "cashier"):
        assert member(role).get("/manage/projections/").status_code == 403
        assert member(role).post(path, {"reason": "x"}).status_code == 403
    assert member("manager").get(path).status_code == 405
    assert member("manager").post("/manage/projections/").status_code == 405

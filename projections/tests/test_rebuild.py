"""A rebuild beside the live rows: never empty, never older, the same rows, one switch."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from projections import barista_queue, queries, rebuild, verifying
from projections.checkpoints import begin, follower_of
from projections.models import Checkpoint, CheckpointState, Ticket, View
from projections.registry import PROJECTIONS
from projections.tests.projecting import project, projector_of, tables
from projections.tests.shop_day import random_day

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

Build = Callable[..., rebuild.Rebuild]


def test_a_rebuild_gives_the_same_rows_and_leaves_nothing_behind(paper_rebuild: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    before = tables()
    paper_rebuild(log, PROJECTIONS).run()
    assert tables() == before
    assert set(Checkpoint.objects.values_list("generation", "state")) == {(2, "active")}
    assert set(Ticket.objects.values_list("generation", flat=True)) == {2}


def test_each_view_is_told_once_to_draw_itself_anew(paper_rebuild: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    told: list[tuple[Sequence[str], int]] = []
    paper_rebuild(log, PROJECTIONS, switched=lambda *one: told.append(one)).run()
    views = [view for views, _ in told for view in views]
    assert sorted(views) == ["barista-queue", "board", "cashier-desk", "sales"]
    assert {generation for _, generation in told} == {2}
    assert not View.objects.exists(), "while it catches up no number moves"


def test_a_generation_that_is_behind_does_not_take_over() -> None:
    log = random_day(21)
    project(log, [log.events])
    behind = follower_of(
        barista_queue.PROJECTION, begin(barista_queue.PROJECTION, CheckpointState.BOOTING)
    )
    shown = [one.order for one in queries.barista_queue()]
    assert rebuild.switch(behind) is False
    assert [one.order for one in queries.barista_queue()] == shown


def test_an_interrupted_rebuild_goes_on_where_it_was(paper_rebuild: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    begun = paper_rebuild(log, PROJECTIONS)
    begun._projector.load()
    begun._projector.apply(log.events[:30])
    again = paper_rebuild(log, PROJECTIONS)
    again.run()
    assert set(again.switched.values()) == {2}
    assert all(one.is_equal for one in verifying.verify(log, PROJECTIONS, log.keys))  # type: ignore[arg-type]


def test_the_live_projector_goes_on_with_the_new_generation(paper_rebuild: Build) -> None:
    log = random_day(22)
    half = len(log.events) // 2
    live = projector_of(log)
    live.apply(log.events[:half])
    events, log.events = log.events, log.events[:half]
    paper_rebuild(log, PROJECTIONS).run()
    log.events = events
    live.load()
    live.apply(log.events[half:])
    assert all(one.is_equal for one in verifying.verify(log, PROJECTIONS, log.keys))  # type: ignore[arg-type]


def test_a_new_version_of_the_code_asks_for_a_rebuild() -> None:
    log = random_day(21)
    project(log, [log.events])
    assert rebuild.outdated(PROJECTIONS) == []
    newer = replace(barista_queue.PROJECTION, version=2)
    assert rebuild.outdated([newer]) == [newer]


def test_verifying_names_what_differs_and_leaves_nothing_behind() -> None:
    log = random_day(21)
    project(log, [log.events])
    before = tables()
    ticket = Ticket.objects.first()
    assert ticket is not None
    Ticket.objects.filter(pk=ticket.pk).update(number=999)
    verdicts = {one.table: one for one in verifying.verify(log, PROJECTIONS, log.keys)}  # type: ignore[arg-type]
    assert not verdicts["Ticket"].is_equal
    assert f"number is 999, the log says {ticket.number}" in verdicts["Ticket"].examples[0]
    assert all(one.is_equal for name, one in verdicts.items() if name != "Ticket")
    Ticket.objects.filter(pk=ticket.pk).update(number=ticket.number)
    assert tables() == before
    assert set(Checkpoint.objects.values_list("state", flat=True)) == {"active"}
    assert set(Ticket.objects.values_list("generation", flat=True)) == {1}


def test_a_rebuild_takes_in_all_there_is_before_it_switches(paper_rebuild: Build) -> None:
    log = random_day(23)
    project(log, [log.events[:3]])  # the live one was stopped early
    work = paper_rebuild(log, PROJECTIONS)
    work._projector._batch = 10
    work.run()
    assert set(Checkpoint.objects.values_list("position", flat=True)) == {log.head()}

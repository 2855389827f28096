"""A rebuild beside the live rows: never empty, never older, the same rows, one switch."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management.base import OutputWrapper
from django.db import connections
from django.test.utils import CaptureQueriesContext

from projections.engine import rebuild
from projections.engine.checkpoints import begin, cursor_of
from projections.engine.models import Checkpoint, CheckpointState, ViewSequence
from projections.engine.transactions import read_models_alias
from projections.engine.verify import Verdict, verify
from projections.folded_order import ORDERS
from projections.management.commands.rebuild import ProgressLine
from projections.screens import PROJECTIONS, barista_queue
from projections.screens.barista_queue.queries import open_tickets
from projections.screens.barista_queue.ticket import QueueTicket
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project, projector_of, tables
from projections.tests.shop_day import random_day

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

Build = Callable[..., rebuild.Rebuild]

assert barista_queue.SCREEN.projection is not None
QUEUE = barista_queue.SCREEN.projection


def verified(log: InMemoryLog) -> list[Verdict]:
    return verify(log, ORDERS, PROJECTIONS, log.keys)  # type: ignore[arg-type]


def test_a_rebuild_gives_the_same_rows_and_leaves_nothing_behind(rebuild_in_memory: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    before = tables()
    rebuild_in_memory(log, PROJECTIONS).run()
    assert tables() == before
    assert set(Checkpoint.objects.values_list("generation", "state")) == {(2, "active")}
    assert set(QueueTicket.objects.values_list("generation", flat=True)) == {2}


def test_what_is_replaced_goes_bit_by_bit(
    rebuild_in_memory: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = random_day(21)
    pushed: list[object] = []
    projector_of(log, push=pushed.append).handle(log.events)
    views = ViewSequence.objects.count()
    monkeypatch.setattr(rebuild, "ROWS_REMOVED_AT_ONCE", 1)
    with CaptureQueriesContext(connections[read_models_alias()]) as statements:
        rebuild_in_memory(log, PROJECTIONS).run()

    table = ViewSequence._meta.db_table
    made = [s["sql"] for s in statements.captured_queries]
    deletes = [sql for sql in made if sql.startswith("DELETE") and table in sql]
    assert views >= 10
    assert len(deletes) >= views


def test_each_view_is_drawn_anew_once(rebuild_in_memory: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    redrawn: list[str] = []
    work = rebuild_in_memory(log, PROJECTIONS, switched=redrawn.append)
    work.run()
    views = [each.view for each in PROJECTIONS if each.view and not each.view_per_row]
    assert sorted(redrawn) == sorted(views)
    assert set(work.switched.values()) == {2}
    assert not ViewSequence.objects.exists(), "while it catches up no number moves"


def test_a_generation_that_is_behind_does_not_take_over() -> None:
    log = random_day(21)
    project(log, [log.events])
    behind = cursor_of(QUEUE, begin(QUEUE, CheckpointState.BOOTING))
    shown = [ticket.order for ticket in open_tickets()]
    assert rebuild.switch(behind) is False
    assert [ticket.order for ticket in open_tickets()] == shown


def test_an_interrupted_rebuild_goes_on_where_it_was(rebuild_in_memory: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    begun = rebuild_in_memory(log, PROJECTIONS)
    begun.projector.load_cursors()
    begun.projector.handle(log.events[:30])
    again = rebuild_in_memory(log, PROJECTIONS)
    again.run()
    assert set(again.switched.values()) == {2}
    assert all(verdict.is_equal for verdict in verified(log))


def test_the_live_projector_goes_on_with_the_new_generation(rebuild_in_memory: Build) -> None:
    log = random_day(22)
    half = len(log.events) // 2
    live = projector_of(log)
    live.handle(log.events[:half])
    events, log.events = log.events, log.events[:half]
    rebuild_in_memory(log, PROJECTIONS).run()
    log.events = events
    live.load_cursors()
    live.handle(log.events[half:])
    assert all(verdict.is_equal for verdict in verified(log))


def test_a_new_version_of_the_code_asks_for_a_rebuild() -> None:
    log = random_day(21)
    project(log, [log.events])
    assert rebuild.outdated(PROJECTIONS) == []
    newer = replace(QUEUE, version=QUEUE.version + 1)
    assert rebuild.outdated([newer]) == [newer]


def test_verifying_names_what_differs_and_leaves_nothing_behind() -> None:
    log = random_day(21)
    project(log, [log.events])
    before = tables()
    ticket = QueueTicket.objects.first()
    assert ticket is not None
    QueueTicket.objects.filter(pk=ticket.pk).update(number=999)
    verdicts = {verdict.table: verdict for verdict in verified(log)}
    assert not verdicts["QueueTicket"].is_equal
    assert f"number is 999, the log says {ticket.number}" in verdicts["QueueTicket"].examples[0]
    assert all(v.is_equal for name, v in verdicts.items() if name != "QueueTicket")
    QueueTicket.objects.filter(pk=ticket.pk).update(number=ticket.number)
    assert tables() == before
    assert set(Checkpoint.objects.values_list("state", flat=True)) == {"active"}
    assert set(QueueTicket.objects.values_list("generation", flat=True)) == {1}


def test_a_rebuild_takes_in_all_there_is_before_it_switches(rebuild_in_memory: Build) -> None:
    log = random_day(23)
    project(log, [log.events[:3]])  # the live one was stopped early
    rebuild_in_memory(log, PROJECTIONS, batch=10).run()
    assert set(Checkpoint.objects.values_list("position", flat=True)) == {log.head()}


def test_it_says_how_far_it_is_from_where_it_found_the_generation(rebuild_in_memory: Build) -> None:
    log = random_day(21)
    project(log, [log.events])
    said: list[tuple[float, int]] = []

    rebuild_in_memory(log, PROJECTIONS, reached=lambda *far: said.append(far)).run()

    assert said[-1] == (1.0, len(log.events))


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_command_shows_a_bar_on_a_terminal_and_lines_elsewhere() -> None:
    now = [0.0]
    terminal, file = Terminal(), StringIO()
    lines = [ProgressLine(OutputWrapper(out), lambda: now[0]) for out in (terminal, file)]

    for now[0], share, events in ((5.0, 0.25, 50_000), (20.0, 0.5, 100_000)):
        for line in lines:
            line.show(share, events)

    assert "██████·················· " + " 25%  50000 events, 10000 events/s, 15 s left" in (
        terminal.getvalue()
    )
    assert file.getvalue() == "50%  100000 events, 5000 events/s, 20 s left\n"

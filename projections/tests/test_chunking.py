"""However the log is cut into batches, and however often a batch comes: the same rows."""

import pytest
from django.db import connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.engine.checkpoints import Fenced
from projections.engine.models import Checkpoint
from projections.engine.transactions import read_models_alias
from projections.tests.in_memory_log import cut
from projections.tests.projecting import project, projector_of, start_anew, tables
from projections.tests.shop_day import random_day

DATABASES = ["default", "read_models"]
pytestmark = pytest.mark.django_db(databases=DATABASES)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(1, 9), max_size=20),
)
def test_any_cut_of_the_log_gives_the_same_rows(seed: int, sizes: list[int]) -> None:
    log = random_day(seed)
    start_anew()
    project(log, [log.events])
    at_once = tables()
    log.keys.destroyed.clear()
    start_anew()
    project(log, cut(log.events, sizes))
    assert tables() == at_once


def test_one_event_at_a_time_gives_the_same_rows_as_all_at_once() -> None:
    log = random_day(7)
    project(log, [log.events])
    at_once = tables()
    start_anew()
    project(log, [[event] for event in log.events])
    assert tables() == at_once


def test_a_batch_that_comes_again_changes_nothing() -> None:
    log = random_day(8)
    projector = project(log, [log.events[:40]])
    before = tables()
    projector.handle(log.events[20:40])
    assert tables() == before


def test_a_batch_that_overlaps_what_is_known_adds_only_what_is_new() -> None:
    log = random_day(8)
    project(log, [log.events])
    at_once = tables()
    start_anew()
    project(log, [log.events[:30], log.events[10:]])
    assert tables() == at_once


def test_a_projector_that_was_overtaken_is_fenced_and_leaves_no_trace() -> None:
    log = random_day(9)
    slow, fast = projector_of(log), projector_of(log)
    fast.handle(log.events[:20])
    before = tables()
    with pytest.raises(Fenced):
        slow.handle(log.events[:30])
    assert tables() == before


def test_one_checkpoint_that_somebody_moved_fences_all() -> None:
    log = random_day(9)
    projector = project(log, [log.events[:20]])
    Checkpoint.objects.filter(projection="board").update(handled=F("handled") + 1)
    before = tables()
    with pytest.raises(Fenced):
        projector.handle(log.events[20:30])
    assert tables() == before


def test_a_batch_moves_all_checkpoints_with_one_statement() -> None:
    log = random_day(9)
    projector = project(log, [log.events[:20]])
    with CaptureQueriesContext(connections[read_models_alias()]) as statements:
        projector.handle(log.events[20:])
    table = Checkpoint._meta.db_table
    moves = [s for s in statements.captured_queries if s["sql"].startswith(f'UPDATE "{table}"')]
    assert len(moves) == 1


def test_after_reloading_the_overtaken_projector_goes_on_from_where_the_other_is() -> None:
    log = random_day(9)
    project(log, [log.events])
    at_once = tables()
    start_anew()
    slow, fast = projector_of(log), projector_of(log)
    fast.handle(log.events[:20])
    slow.load_cursors()
    slow.handle(log.events[20:])
    assert tables() == at_once

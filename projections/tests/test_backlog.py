"""What is missing on the screens, whatever the reason: measured from outside of the projector."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from orders.event_store import StoredEvent, StoreUnavailable
from projections.engine import backlog as backlog_module
from projections.engine.backlog import COUNTED_TO, SILENT_AFTER, BacklogWatch, Missing
from projections.engine.models import Checkpoint, ParkedEvent
from projections.engine.pulse import ROW, Pulse, last_pulse
from projections.live import staleness
from projections.live.staleness import age_in_words, staleness_of
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

BAR = "barista-queue"


class Situation:
    """A log, read models that may be behind it, and a watch with a clock that the test moves."""

    def __init__(self) -> None:
        self.log = InMemoryLog()
        self.seconds = 0.0
        self.is_away = False
        self.reads = 0
        self.watch = BacklogWatch(
            lambda: self, clock=lambda: self.seconds, now=lambda: self.log.now + self.later
        )
        self.watch.start()

    @property
    def later(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
        self.reads += 1
        if self.is_away:
            raise StoreUnavailable
        return self.log.read_all(after, limit)

    def order(self, *numbers: int) -> None:
        for number in numbers:
            self.log.write(order_stream_number(number), ordered(number), after=0)

    def pass_seconds(self, seconds: int) -> None:
        """Time goes by; each second is measured."""
        for _ in range(seconds):
            self.seconds += 1
            if not self.is_away:
                self.watch.log_ends_at(self.log.head())
            self.watch.measure()

    def missing(self) -> Missing:
        missing = self.watch.missing_in(BAR)
        assert missing is not None
        return missing


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Situation:
    situation = Situation()
    monkeypatch.setattr(backlog_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(staleness, "backlog", situation.watch)
    monkeypatch.setattr(timezone, "now", lambda: situation.log.now + situation.later)
    return situation


def test_a_screen_that_has_everything_says_nothing_and_reads_nothing(shop: Situation) -> None:
    shop.order(1, 2)
    project(shop.log, [shop.log.events])
    shop.pass_seconds(60)

    assert shop.missing().facts == 0
    assert staleness_of(BAR) is None
    assert shop.reads == 0


def test_facts_that_nobody_projects_make_it_stale_after_five_seconds(shop: Situation) -> None:
    shop.order(1)
    project(shop.log, [shop.log.events])
    shop.pass_seconds(3600)
    now = shop.log.now
    shop.log.now += shop.later
    shop.order(2, 3, 4)
    shop.log.now = now
    shop.pass_seconds(4)
    assert staleness_of(BAR) is None

    shop.pass_seconds(2)

    stale = staleness_of(BAR)
    assert stale is not None
    assert (stale.missing, stale.seconds) == (3, 6)
    assert stale.detail == "3 changes are missing, the oldest for 6 s."
    project(shop.log, [shop.log.events[1:]])
    shop.pass_seconds(1)
    assert staleness_of(BAR) is None


def test_a_long_backlog_is_read_once_and_counted_up_to_a_bound(shop: Situation) -> None:
    shop.order(1)
    project(shop.log, [shop.log.events])
    shop.order(*range(2, COUNTED_TO + 50))
    shop.pass_seconds(6)
    read = shop.reads
    shop.pass_seconds(60)

    assert shop.missing().is_more
    assert shop.reads == read
    stale = staleness_of(BAR)
    assert stale is not None
    assert "More than 200 changes" in stale.detail


def test_a_head_moved_by_nothing_of_the_shop_s_own_is_no_backlog(shop: Situation) -> None:
    shop.order(1)
    project(shop.log, [shop.log.events])
    for _ in range(60):
        shop.seconds += 1
        shop.watch.log_ends_at(shop.log.head() + 1_000)
        shop.watch.measure()

    assert shop.missing().facts == 0
    assert staleness_of(BAR) is None


def test_read_models_being_built_anew_are_behind_by_all_there_is(shop: Situation) -> None:
    shop.order(1, 2)
    project(shop.log, [[]])
    shop.pass_seconds(10)

    stale = staleness_of(BAR)
    assert stale is not None
    assert stale.missing == 2


def test_a_parked_event_is_missing_on_its_screens_and_on_its_order_only(shop: Situation) -> None:
    shop.order(1, 2)
    project(shop.log, [shop.log.events])
    event = shop.log.events[0]
    for projection in (BAR, "order-tracking"):
        ParkedEvent.objects.create(
            projection=projection,
            generation=1,
            stream=event.stream,
            revision=1,
            position=event.position,
            event_id=event.event_id,
            type_name=event.type_name,
            recorded_at=event.recorded_at,
            error="no",
        )
    shop.pass_seconds(10)

    stale = staleness_of(BAR)
    assert stale is not None
    assert "1 order or customer could not be brought up to date" in stale.detail
    assert staleness_of("board") is None
    assert staleness_of(f"order:{order_hex(1)}") is not None
    assert staleness_of(f"order:{order_hex(2)}") is None


def test_without_the_log_it_is_unknown_and_not_live(shop: Situation) -> None:
    shop.order(1)
    project(shop.log, [shop.log.events])
    shop.pass_seconds(10)
    shop.is_away = True
    shop.pass_seconds(3)
    assert staleness_of(BAR) is None
    shop.pass_seconds(10)

    stale = staleness_of(BAR)
    assert stale is not None
    assert (stale.missing, stale.seconds) == (None, None)
    assert shop.watch.worst() is None
    shop.is_away = False
    shop.pass_seconds(1)
    assert staleness_of(BAR) is None


def test_without_the_read_models_it_is_unknown_too(
    shop: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.pass_seconds(1)

    def away(**_: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(Checkpoint.objects, "filter", away)
    shop.pass_seconds(10)

    assert shop.watch.missing_in(BAR) is None


def test_the_pulse_is_one_row_and_at_most_once_a_second() -> None:
    pulse = Pulse()
    pulse.beat(None)
    first = last_pulse()
    pulse.beat(700)
    assert last_pulse() == first
    Pulse().beat(700)

    second = last_pulse()
    assert first is not None
    assert second is not None
    assert (first.position, second.position) == (-1, 700)
    assert second.at > first.at
    assert ROW == 1


def test_a_projector_without_a_pulse_is_silent_once_it_was_listened_for(shop: Situation) -> None:
    shop.pass_seconds(int(SILENT_AFTER))
    assert not shop.watch.is_projector_silent
    shop.pass_seconds(1)
    assert shop.watch.is_projector_silent


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "5 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7_199, "119 min"),
        (7_200, "2 h"),
        (200_000, "2 days"),
    ],
)
def test_ages_are_read_at_a_glance(seconds: float, words: str) -> None:
    assert age_in_words(seconds) == words

"""What a live screen shows as a whole, and the state numbers of its views, read at one moment.

Runs in the broadcaster's own thread, on one connection; pages ask for the numbers too. Knows no
socket.
"""

from collections.abc import Collection, Mapping

from django.utils import timezone
from django.utils.translation import override

from projections.engine.checkpoints import active_generation, active_generations
from projections.engine.sequences import sequences
from projections.engine.transactions import one_moment
from projections.live.messages import heartbeat_message, snapshot_message, summary_message
from projections.live.program import program
from projections.live.staleness import staleness_of
from projections.screen import Fragment, Room, Screen
from projections.screens import screen_of


def snapshot(view: str, room: Room | None = None) -> str:
    """The message with the whole screen, as far as there is room. Raises `NoSuchView`."""
    screen = screen_of(view)
    assert screen.snapshot is not None
    with one_moment():
        generation, seq = view_state(view)
        fragments = [*screen.snapshot(view.partition(":")[2], room or Room()), *_summary_of(screen)]
    stale = staleness_of(view)
    now = timezone.now()
    return snapshot_message(view, generation, seq, now, fragments, stale, program())


def summary(view: str) -> str:
    """The message with what sums up the view. Raises `NoSuchView`."""
    return summary_message(view, _summary_of(screen_of(view)))


def is_crowded(view: str) -> bool:
    """Whether the view has more rows than a snapshot shows. Raises `NoSuchView`."""
    screen = screen_of(view)
    return screen.is_crowded is not None and screen.is_crowded()


def view_state(view: str) -> tuple[int, int]:
    """The generation and the number of a view: what its page is marked with."""
    generation = active_generation(_projection_of(screen_of(view)))
    return generation, sequences([view], generation).get((view, generation), 0)


def heartbeats(views: Mapping[str, Collection[str]]) -> dict[tuple[str, str], str]:
    """A heartbeat for each of these views in each of the languages in which it is looked at."""
    now = timezone.now()
    active = active_generations()
    seqs = sequences(list(views))
    beats = {}
    for view, languages in views.items():
        generation = active.get(_projection_of(screen_of(view)), 0)
        seq = seqs.get((view, generation), 0)
        for language in languages:
            with override(language):
                stale = staleness_of(view)
            beats[view, language] = heartbeat_message(view, generation, seq, now, stale)
    return beats


def _summary_of(screen: Screen) -> list[Fragment]:
    return [] if screen.summary is None else screen.summary()


def _projection_of(screen: Screen) -> str:
    return screen.projection.name if screen.projection else ""

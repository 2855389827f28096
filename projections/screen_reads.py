"""What the broadcaster reads from the database: whole screens, and the numbers of all screens.

Runs in the broadcaster's own thread, on one connection. Knows no socket.
"""

from collections.abc import Sequence

from django.utils import timezone

from projections import live
from projections.fragment import heartbeat_message, snapshot_message
from projections.generations import active_generation
from projections.models import Checkpoint, CheckpointState, View
from projections.view_numbers import NAMES_AT_ONCE, numbers
from projections.writing import one_moment


def snapshot(view: str) -> str:
    """The message with the whole screen, as it is at one moment. Raises `NoSuchView`."""
    screen = live.screen_of(view)
    with one_moment():
        generation, seq = view_state(view)
        fragments = screen.snapshot()
    return snapshot_message(view, generation, seq, timezone.now(), fragments)


def view_state(view: str) -> tuple[int, int]:
    """The generation and the number of a view: what its page is marked with."""
    generation = active_generation(live.screen_of(view).projection)
    return generation, numbers(generation, [view])[view]


def heartbeats(views: Sequence[str]) -> dict[str, str]:
    """A heartbeat for each of these views."""
    now = timezone.now()
    active = dict(
        Checkpoint.objects.filter(state=CheckpointState.ACTIVE).values_list(
            "projection", "generation"
        )
    )
    seqs: dict[tuple[str, int], int] = {}
    for start in range(0, len(views), NAMES_AT_ONCE):
        rows = View.objects.filter(name__in=views[start : start + NAMES_AT_ONCE])
        seqs.update(
            {(name, g): seq for name, g, seq in rows.values_list("name", "generation", "seq")}
        )
    beats = {}
    for view in views:
        generation = active.get(live.screen_of(view).projection, 0)
        beats[view] = heartbeat_message(view, generation, seqs.get((view, generation), 0), now)
    return beats

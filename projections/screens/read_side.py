"""The read side itself: how far each projection is, what it has parked. No projection feeds it."""

from typing import Any

from django.template.loader import render_to_string

from projections.engine.damaged_file import set_aside_files
from projections.engine.progress import parked_events, projection_states, projector_state
from projections.screen import Fragment, Room, Screen

NAME = "projections"


def state() -> dict[str, Any]:
    """What the template of the page's one element needs."""
    return {
        "projector": projector_state(),
        "states": projection_states(),
        "parked": parked_events(),
        "set_aside": set_aside_files(),
    }


def _snapshot(_key: str, _room: Room) -> list[Fragment]:
    return [Fragment("projections", render_to_string("manage/_projections.html", state()))]


SCREEN = Screen(
    view=NAME,
    permission="see_facts",
    snapshot=_snapshot,
    page="projections",
    title="Projections",
)

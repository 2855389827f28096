"""The read side itself: how far each projection is, what it has parked. No projection feeds it."""

from typing import Any

from django.template.loader import render_to_string

from projections.engine.damaged_file import set_aside_files
from projections.engine.progress import parked_events, projection_states, projector_state
from projections.screen import Fragment, Room, Screen

NAME = "projections"
PARKED_SHOWN = 50
"""The oldest, and the others as a number: a defect that parks every order must not weigh down the
page where somebody decides about it, which is drawn anew every few seconds."""


def state() -> dict[str, Any]:
    """What the template of the page's one element needs."""
    states, parked = projection_states(), parked_events(PARKED_SHOWN)
    return {
        "projector": projector_state(),
        "states": states,
        "parked": parked,
        "parked_more": sum(state.parked for state in states) - len(parked),
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

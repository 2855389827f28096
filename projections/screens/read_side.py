"""The read side itself: how far each projection is, what it has parked. No projection feeds it."""

from django.template.loader import render_to_string

from projections.engine.progress import parked_events, projection_states
from projections.screen import Fragment, Screen

NAME = "projections"


def _snapshot(_key: str) -> list[Fragment]:
    context = {"states": projection_states(), "parked": parked_events()}
    return [Fragment("projections", render_to_string("manage/_projections.html", context))]


SCREEN = Screen(
    view=NAME,
    permission="see_facts",
    snapshot=_snapshot,
    page="projections",
    title="Projections",
)

"""What the manager's pages say: how far a projection is, and the numbers people call out."""

from django import template

from orders.domain.order_words import shown_number
from projections.engine.progress import LAG_COUNTED_TO, ProjectionState
from projections.live.staleness import age_in_words

register = template.Library()


@register.filter
def behind(state: ProjectionState) -> str:
    """`✓ nothing`, or how many events and how many seconds a projection is behind the log."""
    if state.events_behind is None:
        return "unknown"
    if state.is_caught_up:
        return "✓ nothing"
    at_least = "at least " if state.events_behind >= LAG_COUNTED_TO else ""
    events = "event" if state.events_behind == 1 else "events"
    return f"{at_least}{state.events_behind} {events}, {state.seconds_behind or 0.0:.1f} s"


@register.filter
def called(number: int) -> str:
    """An order number as people see and call it: `041`."""
    return shown_number(number)


@register.filter
def age(seconds: float) -> str:
    """Seconds as an age that is read at a glance: `40 s`, `3 min`."""
    return age_in_words(seconds)

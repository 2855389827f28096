"""How the reactor is, on the pages of the read side, which knows nothing of it."""

from typing import Any

from django import template
from django.template import Context

from orders.domain.order_words import shown_number
from orders.reactions.progress import OpenPayment, ReactorProgress
from orders.staff_buttons import reactor_watch

register = template.Library()


@register.inclusion_tag("manage/_reactor.html", takes_context=True)
def reactor_section(context: Context) -> dict[str, Any]:
    """Everything about it, with what it parked."""
    return {**reactor_watch.section(), "csrf_token": context.get("csrf_token")}


@register.filter
def reactor_behind(progress: ReactorProgress) -> str:
    """`✓ nothing`, or how many events and how many seconds it is behind the log."""
    if progress.events_behind is None:
        return "unknown"
    if not progress.events_behind:
        return "✓ nothing"
    at_least = "at least " if progress.is_many else ""
    events = "event" if progress.events_behind == 1 else "events"
    return f"{at_least}{progress.events_behind} {events}, {progress.seconds_behind or 0.0:.1f} s"


@register.filter
def order_called(payment: OpenPayment) -> str:
    """The number of a payment's order as people call it; the end of its id without one."""
    return payment.order[-6:] if payment.number is None else shown_number(payment.number)

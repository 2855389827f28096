"""The bar's queue, now or as it stood at a moment in the past. Shows; the buttons are orders'."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.domain.events import Station
from orders.shop_state import shop_now
from projections.all_day import all_day_of
from projections.folded_order import FoldedOrder
from projections.past import orders_at, orders_seen_at
from projections.screens import directory
from projections.screens.barista_queue import pace, queries
from projections.screens.barista_queue.ticket import NAME, QueueTicket
from projections.views.own_writes import after_own_writes, has_own_writes
from projections.views.query_parameters import (
    live_state,
    moment_in,
    page_in,
    past_of,
    slider_of_day,
)
from staff.names import actor_of
from staff.permissions import allowed

LONGEST_SEARCH = 40
MOST_AT_CLOSING = 200
"""As many as one form may end."""

SCREEN_CHOICES = {"station": tuple(station.value for station in Station), "view": ("drinks",)}
"""What one screen shows of the bar; without a choice everything, order by order."""

KEPT_DAYS = 400


@after_own_writes(NAME)
@require_safe
@never_cache
@allowed("see_queue")
def bar(request: HttpRequest) -> HttpResponse:
    """The queue. `?done=` finds finished orders by number or name, however old.

    `?station=` and `?view=` choose what this screen shows from now on.
    """
    if not SCREEN_CHOICES.keys().isdisjoint(request.GET):
        return _keep_choice(request)
    at = moment_in(request)
    shop_now()  # the cards only ask for what this process knows
    live = live_state(NAME)
    then = orders_seen_at(at)
    tickets = queries.open_tickets(then)
    rows = Paginator(tickets, queries.QUEUE_SHOWN).get_page(page_in(request))
    held = queries.held_tickets(then)
    lines = queries.open_lines(None if then is None else tickets)
    done_q = request.GET.get("done", "").strip()[:LONGEST_SEARCH]
    context: dict[str, Any] = {
        **live,
        "here": "bar",
        "me": actor_of(request.user.pk or 0),
        "rows": rows,
        "left_out": rows.paginator.count - len(rows),
        "is_live": at is None and rows.number == 1,
        "all_day": all_day_of(order.lines for order in lines),
        "drinks": queries.drinks(lines),
        "held": held,
        "held_left_out": 0 if then is not None else queries.held_count() - len(held),
        "done": queries.recently_done(then=_ready_by(at)),
        "done_q": done_q,
        "found": _done(done_q) if done_q else [],
        "pace": pace.bar_pace(at or timezone.now()),
        "history": past_of(at),
        "slider": slider_of_day(at),
        "stations": SCREEN_CHOICES["station"],
        **{name: _chosen(request, name) for name in SCREEN_CHOICES},
    }
    return render(request, "bar/queue.html", context)


def _chosen(request: HttpRequest, name: str) -> str:
    value = request.COOKIES.get(f"bar-{name}", "")
    return value if value in SCREEN_CHOICES[name] else ""


def _keep_choice(request: HttpRequest) -> HttpResponse:
    response = redirect("bar")
    for name, values in SCREEN_CHOICES.items():
        value = request.GET.get(name)
        if value in values:
            response.set_cookie(
                f"bar-{name}",
                value,
                max_age=KEPT_DAYS * 24 * 3600,
                path=reverse("bar"),
                samesite="Lax",
                secure=request.is_secure(),
            )
        elif value is not None:
            response.delete_cookie(f"bar-{name}", path=reverse("bar"))
    return response


def _ready_by(at: datetime | None) -> list[FoldedOrder] | None:
    return None if at is None else orders_at(queries.ready_by(at), at)


def _done(q: str) -> list[QueueTicket]:
    return queries.done_among(directory.find_orders(q))


@require_safe
@never_cache
@allowed("prepare")
def place(request: HttpRequest) -> HttpResponse:
    """The buttons that change an order's place in the queue. `?order=` is its hexadecimal id."""
    with suppress(ValueError):
        ticket = queries.open_ticket(UUID(hex=request.GET.get("order", "")).hex)
        if ticket is not None:
            return render(request, "bar/place.html", {"ticket": ticket, "here": "bar"})
    return redirect("bar")  # it has left the queue meanwhile


@require_safe
@never_cache
@allowed("see_queue")
def bar_pace(request: HttpRequest) -> HttpResponse:
    """The line of figures under the queue, asked for again by the page now and then."""
    return render(request, "bar/_pace.html", {"pace": pace.bar_pace(timezone.now())})


@after_own_writes(NAME)
@require_safe
@never_cache
@allowed("cancel_any_order")
def close(request: HttpRequest) -> HttpResponse:
    """What is still open when the bar closes, each order with the ending that is likely."""
    tickets, count = queries.open_at_closing(MOST_AT_CLOSING)
    context = {
        "here": "bar",
        "tickets": tickets,
        "count": count,
        "behind": not has_own_writes(request, NAME),
    }
    return render(request, "bar/close.html", context)

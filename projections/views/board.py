"""The public board: whose order is being made, whose is ready. Nobody has to log in to read it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.shop_state import shop_now
from projections.past import orders_seen_at
from projections.screens import pickup_board
from projections.views.query_parameters import live_state, moment_in, past_of, slider_of_day
from staff.permissions import allowed


@require_safe
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """The board as it is now. Who stood on it in the past is for the staff only."""
    at = moment_in(request)
    return _board(request, None) if at is None else _past_board(request, at)


@require_safe
@never_cache
def board_wait(request: HttpRequest) -> HttpResponse:
    """How long a new order would take, asked for again by the board now and then."""
    return render(request, "board/_wait.html")


@allowed("see_queue")
def _past_board(request: HttpRequest, at: datetime) -> HttpResponse:
    return _board(request, at)


def _board(request: HttpRequest, at: datetime | None) -> HttpResponse:
    shop_now()  # the entries only ask for what this process knows
    live = live_state(pickup_board.NAME)
    context: dict[str, Any] = {
        **live,
        "board": pickup_board.board(orders_seen_at(at)),
        "history": past_of(at),
        "slider": slider_of_day(at),
    }
    return render(request, "board/board.html", context)

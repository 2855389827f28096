"""The stream browser: find an order or a customer, read every fact, see the state at any of them.

Reads the log itself, not a read model. Personal fields are readable here, so every look is kept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.domain.event import type_of
from orders.domain.fact import Fact
from orders.domain.limits import whole_number
from orders.domain.order_status import OrderStatus, facts_at, fold
from orders.domain.order_words import headline_of
from orders.domain.refused import BadInput
from orders.domain.streams import CATEGORIES, CUSTOMER, ORDER, category_of, id_of
from projections.engine.folded_stream import folded_step_by_step
from projections.folded_order import ORDERS, FoldedOrder
from projections.past import BEFORE_ANY_SHOP, facts_of
from projections.screens.directory import Found, find_streams, orders_of_customer
from projections.views.changed_rows import (
    ChangedTable,
    RowOfStream,
    changed_beside_orders,
    changed_by,
    rows_of,
)
from projections.views.customer_facts import customer_then
from projections.views.fact_sentences import NOBODY, sentence_of, time_between
from projections.views.query_parameters import (
    Past,
    Slider,
    moment_in,
    slider_between,
    slider_of_day,
)
from staff.looks import note_look
from staff.names import actor_of, name_of
from staff.permissions import allowed

LONGEST_SEARCH = 100
LONGEST_STREAM = 100

MOST_SHOWN = 200
"""Facts on one page. An order has a handful; the shop's own stream grows every day."""

OF_PEOPLE = (ORDER, CUSTOMER)
"""Streams whose facts have personal fields."""

MOMENTS = ("at", "as_of", "version")
"""The query parameters that choose a moment."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One fact as the browser shows it."""

    fact: Fact
    version: int  # so many facts are folded up to this one
    sentence: str
    later: str  # how long after the fact before it; "" for the first, and for at once
    service: str
    actor_name: str
    payload: str
    counts: bool  # whether it belongs to the moment that is shown
    caused_by: str  # the id of the fact of this stream that caused it; "" for none
    changed: Sequence[ChangedTable]  # the read models with a row that it changed


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which facts of a long stream stand on the page: from the first one up to, without, `end`."""

    first: int
    end: int
    total: int
    others: str  # the query of the moment that is shown, for links to other facts at that moment

    @property
    def later_end(self) -> int:
        """Where the page of the facts behind these ends."""
        return min(self.total, self.end + MOST_SHOWN)


@require_safe
@never_cache
@allowed("see_facts")
def streams(request: HttpRequest) -> HttpResponse:
    """Orders by number or name, customers by name; without a search the latest.

    `?before=` goes on behind a stream of the page before.
    """
    q = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    entries, more = streams_found(q, request.GET.get("before", ""))
    log.info(
        "names_read",
        actor=actor_of(request.user.pk or 0),
        streams=[entry.stream for entry in entries],
    )
    note_look(request.user.pk, "facts, list", [entry.stream for entry in entries if entry.name])
    context = {"here": "streams", "q": q, "entries": entries, "more": more}
    return render(request, "manage/streams.html", context)


def streams_found(q: str, before: str) -> Found:
    """What was searched for, behind the stream that the address names. Raises `Http404`."""
    try:
        return find_streams(q, before=before)
    except LookupError as error:
        raise Http404 from error


@require_safe
@never_cache
@allowed("see_facts")
def stream(request: HttpRequest, stream: str) -> HttpResponse:
    """One stream, fact by fact. `?at=`, `?as_of=` or `?version=` choose the moment of the state.

    Of a long one the facts around that moment, or those up to `?upto=`.
    """
    if category_of(stream) not in CATEGORIES or len(stream) > LONGEST_STREAM:
        raise Http404
    at, as_of, version = moment_in(request), moment_in(request, "as_of"), _version(request)
    facts = facts_of(stream)
    is_customer = category_of(stream) == CUSTOMER
    if not facts and not (is_customer and orders_of_customer(id_of(stream), most=1)):
        raise Http404
    log.info("facts_read", actor=actor_of(request.user.pk or 0), stream=stream)
    if category_of(stream) in OF_PEOPLE:
        note_look(request.user.pk, "facts", [stream])
    chosen = facts_at(facts, at, as_of, version)
    rows = rows_of(stream)
    is_order = category_of(stream) == ORDER
    states = folded_step_by_step(ORDERS, stream, facts) if is_order else []
    is_past = at is not None or as_of is not None or version is not None
    window = _window(request, len(chosen) if is_past else len(facts), len(facts))
    context: dict[str, Any] = {
        "here": "streams",
        "stream": stream,
        "fact_count": len(facts),
        "facts": _shown(facts, chosen, states, rows, window),
        "window": window,
        "rows": rows,
        "shown_count": len(chosen),
        "history": _past(at, as_of, version, chosen, facts),
        "slider": _slider(at, as_of, chosen, facts),
        "slider_below": True,
        "knowledge": _slider_of_knowledge(None, facts) if facts else None,
    }
    if is_order:
        status = fold(chosen)
        context |= {"status": status, "headline": headline_of(status), "state": _state(status)}
    if is_customer:
        moment = at or as_of or (_last_moment(chosen) if version is not None else None)
        context["customer"] = customer_then(id_of(stream), chosen, moment)
    return render(request, "manage/stream.html", context)


def _version(request: HttpRequest, name: str = "version") -> int | None:
    """The number of a fact in its stream, as the address gives it. Raises `BadInput`."""
    typed = request.GET.get(name, "").strip()
    if not typed:
        return None
    version = whole_number(typed, digits=6)
    if version is None:
        raise BadInput("The version in the address is none: write a whole number.")
    return version


def _window(request: HttpRequest, version: int, total: int) -> Window:
    """The facts around the state after the first `version` facts, or those that are asked for."""
    upto = _version(request, "upto")
    end = min(total, version + MOST_SHOWN // 2 if upto is None else upto or MOST_SHOWN)
    moment = {name: request.GET[name] for name in MOMENTS if name in request.GET}
    return Window(first=max(0, end - MOST_SHOWN), end=end, total=total, others=urlencode(moment))


def _shown(
    facts: list[Fact],
    chosen: list[Fact],
    states: list[FoldedOrder],
    rows: list[RowOfStream],
    window: Window,
) -> list[Shown]:
    counting = {fact.event_id for fact in chosen}
    known = {str(fact.event_id) for fact in facts}
    changed = changed_by(states, rows) if states else changed_beside_orders(facts, rows)
    orders = [state.state for state in states] or [NOBODY for _ in facts]
    return [
        Shown(
            fact=fact,
            version=number,
            sentence=sentence_of(fact, orders[number - 1]),
            later=time_between(facts[number - 2].occurred_at, fact.occurred_at)
            if number > 1
            else "",
            service=type_of(fact.event).owner.value,
            actor_name=name_of(fact.actor),
            payload=json.dumps(msgspec.to_builtins(fact.event), indent=2, ensure_ascii=False),
            counts=fact.event_id in counting,
            caused_by=fact.causation_id if fact.causation_id in known else "",
            changed=changed[number - 1],
        )
        for number, fact in islice(enumerate(facts, start=1), window.first, window.end)
    ]


def _last_moment(chosen: list[Fact]) -> datetime:
    return chosen[-1].occurred_at if chosen else BEFORE_ANY_SHOP


def _past(
    at: datetime | None,
    as_of: datetime | None,
    version: int | None,
    chosen: list[Fact],
    facts: list[Fact],
) -> Past | None:
    if at is None and as_of is None and version is None:
        return None
    words = f"{len(chosen)} of {len(facts)} facts."
    if as_of is not None:
        words += " What the shop knew by then."
    last = chosen[-1].occurred_at if chosen else _first_moment(facts)
    return Past(moment=timezone.localtime(at or as_of or last), words=words)


def _first_moment(facts: list[Fact]) -> datetime:
    return facts[0].occurred_at if facts else timezone.now()


def _slider(
    at: datetime | None, as_of: datetime | None, chosen: list[Fact], facts: list[Fact]
) -> Slider:
    """Stands where the state that is shown ends. Whoever moves it asks for a time, no version."""
    if not facts:  # a guest, who has orders and no facts of their own
        return slider_of_day(at or as_of)
    if as_of is not None:
        return _slider_of_knowledge(as_of, facts)
    first, last = facts[0].occurred_at, _whole(facts[-1].occurred_at)
    shown = at or (chosen[-1].occurred_at if chosen else first)
    return slider_between(first, last, _whole(shown))


def _slider_of_knowledge(as_of: datetime | None, facts: list[Fact]) -> Slider:
    first, last = facts[0].recorded_at, _whole(facts[-1].recorded_at)
    shown = last if as_of is None else _whole(as_of)
    return slider_between(first, last, shown, name="as_of", label="What the shop knew by")


def _whole(moment: datetime) -> datetime:
    """The next whole second: a field has no fractions, and must not lose the fact it stands at."""
    cut = moment.replace(microsecond=0)
    return cut if cut == moment else cut + timedelta(seconds=1)


def _state(status: OrderStatus) -> list[tuple[str, str]]:
    """The folded state in rows of words."""
    rows = [
        ("Progress", status.progress.value),
        ("Money", status.money.value),
        ("Facts folded", str(status.version)),
        ("Made by", name_of(status.barista) if status.barista else ""),
        ("Lines made", f"{len(status.ticket.made)} of {len(status.ticket.lines)}"),
        ("Remakes", str(status.remakes) if status.remakes else ""),
        ("Cancelled because", status.cancellation.reason if status.cancellation else ""),
        ("What became of the drinks", status.disposition.value if status.disposition else ""),
        ("Card declined because", status.declined),
    ]
    rows += [(name.capitalize().replace("_", " "), _clock(at)) for name, at in _times(status)]
    return [(name, words) for name, words in rows if words]


def _times(status: OrderStatus) -> list[tuple[str, datetime]]:
    times = {name: at for name, at in status.times._asdict().items() if name != "first_ready"}
    return [(name, at) for name, at in times.items() if isinstance(at, datetime)]


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H:%M:%S")

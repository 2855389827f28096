"""One order for programs: as its customer sees it, and its facts, now or in the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from orders.domain.cups import Cup
from orders.domain.event import type_of
from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus, facts_at
from orders.domain.streams import ORDER
from orders.links import order_in, order_token
from projections.api.shapes import (
    FactShape,
    FactsShape,
    Live,
    May,
    OrderedLine,
    OrderShape,
    Stale,
    WaitShape,
)
from projections.past import facts_of, tracked_order_at
from projections.screens import order_tracking
from projections.screens.order_tracking import TrackedOrder
from projections.views.order_page import order_now, wait_of
from projections.views.query_parameters import address_of_next, live_state, moment_in
from staff.looks import note_look
from staff.permissions import may

MOST_FACTS = 500
"""On one page. A fact is about half a kilobyte."""

LOOK = "API"
"""Under which a look at personal fields is kept."""


After = Annotated[
    int, msgspec.Meta(ge=0, lt=10**18, description="Wait for this position, for a moment.")
]
"""A commit position, which a read waits for."""


class Past(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The moment that is asked for."""

    at: Annotated[
        str,
        msgspec.Meta(
            description="What had happened by then: `11:05` today, or `2026-03-01T11:05:00`.",
            examples=["11:05"],
        ),
    ] = ""
    as_of: Annotated[
        str, msgspec.Meta(description="What the shop knew by then.", examples=["11:05"])
    ] = ""
    version: (
        Annotated[
            int,
            msgspec.Meta(
                ge=0, le=999_999, description="After its first so many facts.", examples=[1]
            ),
        ]
        | None
    ) = None


class PastOrder(Past, frozen=True, forbid_unknown_fields=True):
    """The moment, and a commit position that is waited for."""

    after: After | None = None


class PageOfFacts(Past, frozen=True, forbid_unknown_fields=True):
    """Which facts of a stream."""

    from_: Annotated[
        int, msgspec.Meta(ge=0, le=999_999, description="The first revision that is wanted.")
    ] = msgspec.field(default=0, name="from")
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_FACTS)] = 100


def order_asked_for(request: HttpRequest, order: str) -> str:
    """The order (a hexadecimal id) of a link's token, or of an id for those who may see facts.

    Raises `Http404`, also for those who may not.
    """
    linked = order_in(order)
    if linked is not None:
        return linked.hex
    if not may(request.user, "see_facts"):
        raise Http404
    try:
        found = UUID(hex=order).hex
    except ValueError as error:
        raise Http404 from error
    note_look(request.user.pk, LOOK, [f"{ORDER}-{found}"])
    return found


def order(request: HttpRequest, order: str, query: PastOrder) -> OrderShape:
    """The state of an order (a hexadecimal id)."""
    at, as_of = moment_in(request), moment_in(request, "as_of")
    live = live_of(f"{order_tracking.SCREEN.view}:{order}", f"order/{order_token(UUID(order))}")
    is_now = at is None and as_of is None and query.version is None
    row = (
        order_now(request, order)
        if is_now
        else tracked_order_at(order, at, as_of=as_of, version=query.version)
    )
    if row is None:
        raise Http404
    return order_shape(row, live, at or as_of, is_now=is_now)


def order_shape(row: TrackedOrder, live: Live, at: datetime | None, *, is_now: bool) -> OrderShape:
    """The order of a row, with what its customer may do if it is the order of now."""
    status = row.status
    placed = status.placed
    assert placed is not None  # or there would be no row
    wait = wait_of(row) if is_now else None
    return OrderShape(
        order=row.order,
        number=row.number_text,
        day=row.day,
        name=placed.name,
        note=placed.note,
        allergies=placed.allergies,
        channel=status.channel.value,
        progress=row.progress,
        money=row.money,
        headline=str(row.headline),
        sentence=str(row.sentence),
        money_sentence=str(row.money_sentence),
        lines=_lines(status),
        currency=row.currency,
        total=row.total,
        due=row.due,
        paid=status.paid,
        refunded=status.refunded,
        ordered_at=row.ordered_at,
        promised_at=status.promised_at,
        pick_up_at=row.pick_up_at,
        amendments=status.order.amendments,
        version=status.version,
        at=at,
        wait=WaitShape(before=wait.before, about=wait.about, is_late=wait.is_late)
        if wait
        else None,
        may=May(
            change=is_now and row.can_change,
            cancel=is_now and row.can_cancel,
            ask_to_stop=is_now and row.can_ask_to_stop,
            say_here=is_now and row.can_say_here(timezone.now()),
            pay=is_now and row.can_pay,
            take=is_now and row.can_be_taken,
        ),
        live=live,
        facts=reverse("api_order_facts", args=(order_token(UUID(row.order)),)),
    )


def _lines(status: OrderStatus) -> list[OrderedLine]:
    cups, made = status.cups, status.ticket.made
    return [
        OrderedLine(
            line=line.line,
            item=line.item,
            name=line.name,
            size=line.size,
            options=[str(word) for word in line.words],
            quantity=line.quantity,
            unit_price=line.unit_price,
            ticked=line.line in made,
            cup=cups.get(line.line, Cup()).name,
            note=cups.get(line.line, Cup()).note,
        )
        for line in status.lines
    ]


def live_of(view: str, socket: str = "") -> Live:
    """The state of a live view, read before its rows: what is shown may only be newer."""
    state = live_state(view)
    stale = state["stale"]
    return Live(
        view=view,
        generation=state["generation"],
        seq=state["seq"],
        socket=f"/ws/{socket or view}/",
        stale=Stale(words=stale.words, missing=stale.missing, seconds=stale.seconds)
        if stale
        else None,
    )


def order_facts(request: HttpRequest, order: str, query: PageOfFacts) -> FactsShape:
    """The facts of an order (a hexadecimal id)."""
    facts = facts_of(f"{ORDER}-{order}")
    if not facts:
        raise Http404
    return page_of_facts(request, facts, query)


def page_of_facts(request: HttpRequest, facts: Sequence[Fact], query: PageOfFacts) -> FactsShape:
    """So many facts of one stream, of those that count at the moment that is asked for."""
    at, as_of = moment_in(request), moment_in(request, "as_of")
    counting = facts_at(facts, at, as_of, query.version)
    wanted = [fact for fact in counting if fact.revision >= query.from_]
    page = wanted[: query.limit]
    more = len(wanted) > len(page)
    return FactsShape(
        facts=[fact_shape(fact) for fact in page],
        next=address_of_next(request, "from", page[-1].revision + 1) if more else None,
    )


def fact_shape(fact: Fact) -> FactShape:
    """One fact, with everything that is written beside it."""
    return FactShape(
        type=fact.type_name,
        data=msgspec.to_builtins(fact.event),
        stream=fact.stream,
        revision=fact.revision,
        version=fact.revision + 1,
        position=fact.position,
        event_id=str(fact.event_id),
        schema=fact.schema,
        service=type_of(fact.event).owner.value,
        actor=fact.actor,
        occurred_at=fact.occurred_at,
        recorded_at=fact.recorded_at,
        command_id=str(fact.command_id),
        correlation_id=fact.correlation_id,
        causation_id=fact.causation_id,
    )

"""The screens of the shop for programs: bar, till, board and sales, by the pages' own functions."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils import timezone

from projections.api.order import After, live_of
from projections.api.shapes import (
    BalanceShape,
    BoardLine,
    BoardShape,
    DeskShape,
    FiguresShape,
    MinuteShape,
    PaceShape,
    QueueShape,
    SalesShape,
    SoldItem,
    TicketShape,
)
from projections.past import orders_at, orders_seen_at
from projections.screens import cashier_desk, directory, pickup_board
from projections.screens.barista_queue import pace, queries
from projections.screens.barista_queue.ticket import NAME as QUEUE
from projections.screens.barista_queue.ticket import QueueTicket
from projections.screens.sales.figures import NAME as SALES
from projections.screens.sales.figures import minutes_of_day, sales_of_day
from projections.views.query_parameters import address_of_next, day_in, moment_in

LONGEST_SEARCH = 40

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The moment of a screen, and a position that is waited for."""

    at: Annotated[
        str,
        msgspec.Meta(
            description="What stood there then: `11:05` today, or `2026-03-01T11:05:00`.",
            examples=["11:05"],
        ),
    ] = ""
    after: After | None = None


class PageOfScreen(Moment, frozen=True, forbid_unknown_fields=True):
    """The moment, and the page of a long list."""

    page: Annotated[int, msgspec.Meta(ge=1, le=999_999)] = 1


class PageOfDesk(PageOfScreen, frozen=True, forbid_unknown_fields=True):
    """And what somebody looks for."""

    q: Annotated[
        str,
        msgspec.Meta(max_length=LONGEST_SEARCH, description="A number, or how a name begins."),
    ] = ""


class DayOfSales(Moment, frozen=True, forbid_unknown_fields=True):
    """The day of the figures."""

    day: Annotated[
        str, msgspec.Meta(description="Like `2026-03-01`; today without.", examples=[""])
    ] = ""


def queue(request: HttpRequest, query: PageOfScreen) -> QueueShape:
    """The bar's queue, now or as it stood then."""
    at = moment_in(request)
    live = live_of(QUEUE)
    then = orders_seen_at(at)
    page = Paginator(queries.open_tickets(then), queries.QUEUE_SHOWN).get_page(query.page)
    ready = None if at is None else orders_at(queries.ready_by(at), at)
    return QueueShape(
        at=at,
        tickets=_tickets(list(page)),
        held=_tickets(queries.held_tickets(then)),
        done=_tickets(queries.recently_done(then=ready)),
        pace=_shaped(pace.bar_pace(at or timezone.now()), PaceShape),
        count=page.paginator.count,
        page=page.number,
        next=_next(request, page),
        live=live,
    )


def desk(request: HttpRequest, query: PageOfDesk) -> DeskShape:
    """The cashier's desk, now or as it stood then."""
    at = moment_in(request)
    live = live_of(cashier_desk.NAME)
    balances = cashier_desk.open_balances(query.q, orders_seen_at(at))
    page = Paginator(balances, cashier_desk.BALANCES_SHOWN).get_page(query.page)
    wanted = directory.find_orders(query.q) if query.q and at is None else []
    return DeskShape(
        at=at,
        balances=_balances(list(page)),
        found=_balances(cashier_desk.found_beside(wanted, page)),
        count=page.paginator.count,
        page=page.number,
        next=_next(request, page),
        live=live,
    )


def board(_request: HttpRequest) -> BoardShape:
    """The public board."""
    live = live_of(pickup_board.NAME)
    shown = pickup_board.board()
    return BoardShape(
        making=[_shaped(entry, BoardLine, number=entry.number_text) for entry in shown.making],
        ready=[_shaped(entry, BoardLine, number=entry.number_text) for entry in shown.ready],
        more_making=shown.more_making,
        more_ready=shown.more_ready,
        live=live,
    )


def sales(request: HttpRequest, query: DayOfSales) -> SalesShape:
    """The figures of a day, now or as they were then."""
    at = moment_in(request)
    live = live_of(SALES)
    day = day_in(request, at)
    found = sales_of_day(day, at)
    return SalesShape(
        day=day,
        at=at,
        currency=found.figures.currency or settings.CURRENCY,
        figures=_shaped(found.figures, FiguresShape),
        items=[_shaped(item, SoldItem) for item in found.items],
        minutes=[_shaped(minute, MinuteShape) for minute in minutes_of_day(day, at)],
        live=live,
    )


def _tickets(tickets: Sequence[QueueTicket]) -> list[TicketShape]:
    return [
        _shaped(
            ticket,
            TicketShape,
            number=ticket.number_text,
            lines=[
                {**line, "cup": cup._asdict() if (cup := line["cup"]) else None}
                for line in ticket.lines_for_cups
            ],
        )
        for ticket in tickets
    ]


def _balances(balances: Sequence[cashier_desk.DeskBalance]) -> list[BalanceShape]:
    return [
        _shaped(balance, BalanceShape, number=balance.number_text, headline=str(balance.headline))
        for balance in balances
    ]


def _shaped(row: object, shape: type[Shape], **fields: Any) -> Shape:
    """The shape of a row: its attributes of the same names, but for the fields that are given."""
    names = set(shape.__struct_fields__) - fields.keys()
    return msgspec.convert({**{name: getattr(row, name) for name in names}, **fields}, shape)


def _next(request: HttpRequest, page: Page[Any]) -> str | None:
    if not page.has_next():
        return None
    return address_of_next(request, "page", page.next_page_number())

"""What the API says of orders, screens and facts: the shapes, filled from what the pages show.

Amounts are integer cents. Times are ISO 8601 with their distance from UTC. Knows no request.
"""

from datetime import date, datetime
from typing import Any

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the API says."""


class Stale(Shape, frozen=True):
    """Why something is not what the log says, or may not be. None: not known."""

    words: str
    missing: int | None
    seconds: int | None


class Live(Shape, frozen=True):
    """The state of a live view, and the socket that says when there is a newer one."""

    view: str
    generation: int
    seq: int
    socket: str
    stale: Stale | None


# --- an order ------------------------------------------------------------------------------------


class OrderedLine(Shape, frozen=True):
    """One line of an order, as its customer sees it."""

    line: int
    item: str
    name: str
    size: str
    options: list[str]
    quantity: int
    unit_price: int
    ticked: bool
    cup: str
    note: str


class WaitShape(Shape, frozen=True):
    """How long an order will still take; `before` is None once somebody makes it."""

    before: int | None
    about: datetime
    is_late: bool


class May(Shape, frozen=True):
    """What whoever has the order's link may do with it now."""

    change: bool
    cancel: bool
    ask_to_stop: bool
    say_here: bool
    pay: bool
    take: bool


class OrderShape(Shape, frozen=True):
    """One order at one moment: the fold of its facts."""

    order: str
    number: str
    day: str
    name: str
    note: str
    allergies: str
    channel: str
    progress: str
    money: str
    headline: str
    sentence: str
    money_sentence: str
    lines: list[OrderedLine]
    currency: str
    total: int
    due: int
    paid: int
    refunded: int
    ordered_at: datetime
    promised_at: datetime | None
    pick_up_at: datetime | None
    amendments: int
    version: int
    at: datetime | None
    wait: WaitShape | None
    may: May
    live: Live
    facts: str


# --- facts ---------------------------------------------------------------------------------------


class FactShape(Shape, frozen=True):
    """One fact with its envelope. `version`: so many facts of its stream are there with it."""

    type: str
    data: dict[str, Any]
    stream: str
    revision: int
    version: int
    position: int
    event_id: str
    schema: int
    service: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    command_id: str
    correlation_id: str
    causation_id: str


class FactsShape(Shape, frozen=True):
    """Some facts, oldest first; `next` is where they go on, None at the end of a stream."""

    facts: list[FactShape]
    next: str | None


class StreamEntry(Shape, frozen=True):
    """A line of the directory: how an order or a customer is found."""

    stream: str
    kind: str
    number: str
    day: str
    name: str
    customer: str
    first_at: datetime
    facts: str


class StreamsShape(Shape, frozen=True):
    """What was found, the latest first; `next` leads to older ones, None at the end."""

    streams: list[StreamEntry]
    next: str | None


# --- the bar -------------------------------------------------------------------------------------


class CupShape(Shape, frozen=True):
    """For whom one line is, and how it should be."""

    name: str
    note: str


class RemovedLine(Shape, frozen=True):
    """One line that an order had before its customer changed it."""

    line: int
    item: str
    name: str
    size: str
    options: list[str]
    quantity: int
    station: str


class TicketLine(RemovedLine, frozen=True):
    """One line of an order, as the bar sees it. `change` says what is new about it."""

    ticked: bool
    change: str
    cup: CupShape | None = None


class TicketShape(Shape, frozen=True):
    """One order as the bar sees it."""

    order: str
    number: str
    name: str
    note: str
    allergies: str
    channel: str
    state: str
    lines: list[TicketLine]
    removed: list[RemovedLine]
    barista: str
    barista_name: str
    paid: bool
    goes_first: bool
    rush: str
    brought_back: str
    stop_asked: bool
    hold_reason: str
    held_until: datetime | None
    ordered_at: datetime
    changed_at: datetime | None
    promised_at: datetime
    started_at: datetime | None
    ready_at: datetime | None
    on_time: bool | None
    ending: str
    cancel_reason: str


class PaceShape(Shape, frozen=True):
    """How fast the bar was in the last half hour. Seconds; None where nothing was made."""

    made: int
    half_within: float | None
    nine_in_ten_within: float | None
    on_time_percent: int | None


class QueueShape(Shape, frozen=True):
    """The bar's queue, page by page; what is held and what was done last stand on each."""

    at: datetime | None
    tickets: list[TicketShape]
    held: list[TicketShape]
    done: list[TicketShape]
    pace: PaceShape
    count: int
    page: int
    next: str | None
    live: Live


# --- the till ------------------------------------------------------------------------------------


class DeskLine(Shape, frozen=True):
    """One line of an order, as the till sees it."""

    name: str
    size: str
    options: list[str]
    quantity: int
    unit_price: int


class BalanceShape(Shape, frozen=True):
    """One order as the till sees it. `urgency` 0 is the most urgent."""

    order: str
    number: str
    name: str
    lines: list[DeskLine]
    currency: str
    total: int
    due: int
    paid: int
    refunded: int
    written_off: int
    owed: int
    back_now: int
    back_by_card: bool
    progress: str
    money: str
    headline: str
    can_serve: bool
    can_take_money: bool
    urgency: int
    payments: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    cancel_reason: str
    ordered_at: datetime
    settled: bool


class DeskShape(Shape, frozen=True):
    """Open balances, the most urgent first; `found` are settled ones that were looked for."""

    at: datetime | None
    balances: list[BalanceShape]
    found: list[BalanceShape]
    count: int
    page: int
    next: str | None
    live: Live


# --- the board, and the figures ------------------------------------------------------------------


class BoardLine(Shape, frozen=True):
    """One number on the board. The name is as much of it as its customer lets be shown."""

    number: str
    name: str
    state: str
    ordered_at: datetime
    ready_at: datetime | None


class BoardShape(Shape, frozen=True):
    """The two columns of the board, and how many more there are than it has room for."""

    making: list[BoardLine]
    ready: list[BoardLine]
    more_making: int
    more_ready: int
    live: Live


class FiguresShape(Shape, frozen=True):
    """What a day, or a minute of it, brought. Cents, counts, and seconds."""

    orders: int
    cancelled: int
    served: int
    not_collected: int
    items: int
    ordered: int
    cash: int
    card: int
    card_by_hand: int
    taken: int
    payments: int
    refunded: int
    refunds: int
    net: int
    written_off: int
    made: int
    on_time: int
    on_time_percent: int | None
    mean_seconds_to_ready: float | None


class SoldItem(Shape, frozen=True):
    """How many of one item were sold."""

    item: str
    name: str
    quantity: int


class MinuteShape(Shape, frozen=True):
    """One minute in which something happened."""

    minute: datetime
    orders: int
    net: int


class SalesShape(Shape, frozen=True):
    """The figures of one day of the shop."""

    day: date
    at: datetime | None
    currency: str
    figures: FiguresShape
    items: list[SoldItem]
    minutes: list[MinuteShape]
    live: Live

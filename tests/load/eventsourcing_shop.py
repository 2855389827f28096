"""The peer of G5: the same facts, and read models like the shop's, with PyPI's `eventsourcing`.

    python -m tests.load.eventsourcing_shop fill DIRECTORY EVENTS
    python -m tests.load.eventsourcing_shop project DIRECTORY

As its documentation does it: domain events in an application on SQLite, a projection that
dispatches on the event's class, and a view whose tables are written together with the tracking
record, event by event. SQLite has no subscription there, so notifications are read page by page.
Two things are in its favour: nothing is encrypted, and the view is not synced at each commit, as
the shop's read models are not.
"""

import importlib
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection
from eventsourcing.sqlite import SQLiteConnection, SQLiteConnectionPool, SQLiteDatastore

from tests.load.eventsourcing_view import ShopView

PAGE = 500
SAVED_AT_ONCE = 5_000


class Happened(DomainEvent):
    """What every event of the shop says besides."""

    actor: str


class Ordered(Happened):
    number: int
    day: str
    customer: str
    name: str
    note: str
    lines: list[dict[str, Any]]
    currency: str
    promised_seconds: int
    allergies: str
    waits_for: str
    pick_up_at: str
    on_board: bool
    cups: str


class Cancelled(Happened):
    reason: str
    by_shop: bool


class Served(Happened):
    pass


class NotCollected(Happened):
    pass


class Started(Happened):
    barista: str


class LineDone(Happened):
    line: int


class Ready(Happened):
    desk: int
    at_closing: bool


class BroughtBack(Happened):
    reason: str
    lines: list[int]


class Stopped(Happened):
    disposition: str


class PaymentBegun(Happened):
    payment: str
    amount: int
    currency: str
    card_token: str


class Paid(Happened):
    payment: str
    amount: int
    tender: str
    given: int
    change: int


class Declined(Happened):
    payment: str
    reason: str


class RolledBack(Happened):
    payment: str
    reason: str


class RefundBegun(Happened):
    refund: str
    payment: str
    amount: int
    reason: str


class Refunded(Happened):
    refund: str
    payment: str
    amount: int
    tender: str


class WrittenOff(Happened):
    amount: int
    reason: str


class Registered(Happened):
    customer: str
    name: str


class Forgotten(Happened):
    customer: str


class NameReserved(Happened):
    customer: str


class NameReleased(Happened):
    customer: str


class NumbersReserved(Happened):
    day: str
    first: int
    last: int


CLASSES: dict[str, type[Happened]] = {
    "CoffeeOrdered": Ordered,
    "OrderCancelled": Cancelled,
    "OrderServed": Served,
    "OrderNotCollected": NotCollected,
    "PreparationStarted": Started,
    "LinePrepared": LineDone,
    "CoffeePrepared": Ready,
    "BroughtBack": BroughtBack,
    "PreparationStopped": Stopped,
    "PaymentStarted": PaymentBegun,
    "OrderPaid": Paid,
    "PaymentDeclined": Declined,
    "PaymentRolledBack": RolledBack,
    "RefundStarted": RefundBegun,
    "PaymentRefunded": Refunded,
    "PaymentWrittenOff": WrittenOff,
    "CustomerRegistered": Registered,
    "CustomerForgotten": Forgotten,
    "CustomerNameReserved": NameReserved,
    "CustomerNameReleased": NameReleased,
    "OrderNumbersReserved": NumbersReserved,
}
"""The shop's types, as the days tell them."""


class Shop(Application[UUID]):
    """The write side: only its events are needed here."""

    name = "shop"


class ShopProjection(Projection[ShopView]):
    """All read models of the shop, in one transaction an event."""

    name = "shop_view"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Events that no read model is about."""
        self.view.insert_tracking(tracking)

    @process_event.register
    def _(self, event: Ordered, tracking: Tracking) -> None:
        promised_at = event.timestamp + timedelta(seconds=event.promised_seconds)
        self.view.ordered(event, promised_at, tracking)

    @process_event.register
    def _(self, event: Cancelled, tracking: Tracking) -> None:
        self.view.cancelled(event, tracking)

    @process_event.register
    def _(self, event: Served, tracking: Tracking) -> None:
        self.view.over(event, "served", tracking)

    @process_event.register
    def _(self, event: NotCollected, tracking: Tracking) -> None:
        self.view.over(event, "not_collected", tracking)

    @process_event.register
    def _(self, event: Started, tracking: Tracking) -> None:
        self.view.started(event, tracking)

    @process_event.register
    def _(self, event: LineDone, tracking: Tracking) -> None:
        self.view.line_done(event, tracking)

    @process_event.register
    def _(self, event: Ready, tracking: Tracking) -> None:
        self.view.ready(event, tracking)

    @process_event.register
    def _(self, event: BroughtBack, tracking: Tracking) -> None:
        self.view.brought_back(event, tracking)

    @process_event.register
    def _(self, event: Stopped, tracking: Tracking) -> None:
        self.view.stopped(event, tracking)

    @process_event.register
    def _(self, event: PaymentBegun, tracking: Tracking) -> None:
        self.view.payment(event, "under way", tracking)

    @process_event.register
    def _(self, event: Paid, tracking: Tracking) -> None:
        self.view.paid(event, tracking)

    @process_event.register
    def _(self, event: Declined, tracking: Tracking) -> None:
        self.view.payment(event, "due", tracking)

    @process_event.register
    def _(self, event: RolledBack, tracking: Tracking) -> None:
        self.view.payment(event, "due", tracking)

    @process_event.register
    def _(self, event: RefundBegun, tracking: Tracking) -> None:
        self.view.payment(event, "refund under way", tracking)

    @process_event.register
    def _(self, event: Refunded, tracking: Tracking) -> None:
        self.view.refunded(event, tracking)

    @process_event.register
    def _(self, event: WrittenOff, tracking: Tracking) -> None:
        self.view.written_off(event, tracking)

    @process_event.register
    def _(self, event: Registered, tracking: Tracking) -> None:
        self.view.registered(event, tracking)

    @process_event.register
    def _(self, event: Forgotten, tracking: Tracking) -> None:
        self.view.forgotten(event, tracking)


class _Connections(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = NORMAL")
        return connection


def application(directory: Path) -> Shop:
    """The application whose events lie in this directory."""
    return Shop(
        {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{directory}/events.db"}
    )


def project(directory: Path) -> int:
    """Build the view anew; how many events were processed."""
    for file in directory.glob("view.db*"):
        file.unlink()
    datastore = SQLiteDatastore(f"{directory}/view.db")
    datastore.pool = _Connections(db_name=f"{directory}/view.db")
    view = ShopView(datastore)
    view.create_table()
    app, projection = application(directory), ShopProjection(view)
    last = view.max_tracking_id(app.name) or 0
    while page := app.recorder.select_notifications(last, PAGE, inclusive_of_start=False):
        for notification in page:
            event = app.mapper.to_domain_event(notification)
            projection.process_event(event, Tracking(app.name, notification.id))
        last = page[-1].id
    datastore.close()
    return last


def fill(directory: Path, events: int, end: datetime) -> None:
    """Record the same days as a filled shop has."""
    directory.mkdir(parents=True, exist_ok=True)
    app, facts = application(directory), _facts(events, end)
    while some := list(islice(facts, SAVED_AT_ONCE)):
        app.recorder.insert_events([app.mapper.to_stored_event(event) for event in some])


def _facts(events: int, end: datetime) -> Iterator[Happened]:
    from tests.load.long_log import days_until

    for append in days_until(events, end).appends():
        for number, event in enumerate(append.events, start=append.behind + 1):
            said: dict[str, Any] = {
                **msgspec.to_builtins(event),
                "originator_id": uuid5(NAMESPACE_URL, append.stream),
                "originator_version": number + 1,
                "timestamp": append.at,
                "actor": append.command.actor,
            }
            yield CLASSES[type(event).__name__](**said)


def main() -> None:
    """Fill, or project and say how long it took."""
    command, where, *more = sys.argv[1:]
    if command == "fill":
        fill(Path(where), int(more[0]), datetime.fromisoformat(more[1]))
    else:
        began = time.perf_counter()
        print(f"{project(Path(where))} events in {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    # Under its own name: the library writes down in which module an event's class is.
    importlib.import_module("tests.load.eventsourcing_shop").main()

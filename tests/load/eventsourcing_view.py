"""The materialised view of the peer (`eventsourcing_shop.py`): tables like the shop's read models.

The bar's tickets, the till's balances, the board, an order's tracking with its facts, sales by day,
minute and item, and the directory. Each method writes what one event changes, and the tracking
record, in one transaction.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import SQLiteCursor, SQLiteTrackingRecorder

TABLES = (
    """CREATE TABLE IF NOT EXISTS ticket (
    order_id TEXT PRIMARY KEY, number INTEGER, day TEXT, name TEXT, note TEXT, customer TEXT,
    channel TEXT, lines TEXT, state TEXT, barista TEXT, paid INTEGER, brought_back TEXT,
    ordered_at TEXT, clock_from TEXT, promised_at TEXT, started_at TEXT, ready_at TEXT, ending TEXT)
    WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS ticket_queue ON ticket (state, promised_at)",
    "CREATE INDEX IF NOT EXISTS ticket_ready_at ON ticket (ready_at)",
    "CREATE INDEX IF NOT EXISTS ticket_customer ON ticket (customer)",
    """CREATE TABLE IF NOT EXISTS balance (
    order_id TEXT PRIMARY KEY, number INTEGER, day TEXT, name TEXT, customer TEXT, lines TEXT,
    currency TEXT, total INTEGER, due INTEGER, paid INTEGER, refunded INTEGER, written_off INTEGER,
    progress TEXT, money TEXT, payments TEXT, cancel_reason TEXT, ordered_at TEXT, settled INTEGER)
    WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS balance_open ON balance (settled, ordered_at)",
    "CREATE INDEX IF NOT EXISTS balance_customer ON balance (customer)",
    """CREATE TABLE IF NOT EXISTS board (
    order_id TEXT PRIMARY KEY, number INTEGER, day TEXT, name TEXT, customer TEXT, state TEXT,
    ordered_at TEXT, ready_at TEXT) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS board_state ON board (state, ordered_at)",
    "CREATE INDEX IF NOT EXISTS board_customer ON board (customer)",
    """CREATE TABLE IF NOT EXISTS tracking_order (
    order_id TEXT PRIMARY KEY, number INTEGER, day TEXT, name TEXT, note TEXT, customer TEXT,
    currency TEXT, total INTEGER, progress TEXT, money TEXT, ordered_at TEXT, until TEXT)
    WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS tracked ON tracking_order (customer, ordered_at)",
    """CREATE TABLE IF NOT EXISTS fact (
    order_id TEXT, version INTEGER, type TEXT, at TEXT, actor TEXT, payload TEXT,
    PRIMARY KEY (order_id, version)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS sales (
    day TEXT, minute TEXT, figure TEXT, value INTEGER, PRIMARY KEY (day, minute, figure))
    WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS item_sales (
    day TEXT, item TEXT, name TEXT, quantity INTEGER, amount INTEGER, PRIMARY KEY (day, item))
    WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS directory (
    stream TEXT PRIMARY KEY, kind TEXT, number INTEGER, day TEXT, name TEXT, customer TEXT,
    first_at TEXT) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS directory_number ON directory (number, first_at)",
    "CREATE INDEX IF NOT EXISTS directory_customer ON directory (customer)",
)

SALES = (
    "INSERT INTO sales VALUES (?, ?, ?, ?)"
    " ON CONFLICT (day, minute, figure) DO UPDATE SET value = value + excluded.value"
)
ITEM = (
    "INSERT INTO item_sales VALUES (?, ?, ?, ?, ?) ON CONFLICT (day, item) DO UPDATE"
    " SET quantity = quantity + excluded.quantity, amount = amount + excluded.amount"
)
WHOLE_DAY = ""
"""The minute of a day's own figures."""

HAS_NAMES = ("ticket", "balance", "board", "tracking_order", "directory")


class ShopView(SQLiteTrackingRecorder):
    """The tables, and what each event does to them."""

    def construct_create_table_statements(self) -> list[str]:
        """Its own tables beside that of the tracking records."""
        return [*super().construct_create_table_statements(), *TABLES]

    def ordered(self, event: Any, promised_at: datetime, tracking: Tracking) -> None:
        """A new row in each table of orders."""
        order, at = event.originator_id.hex, event.timestamp.isoformat()
        total = sum(line["unit_price"] * line["quantity"] for line in event.lines)
        lines = json.dumps([{**line, "ticked": False} for line in event.lines])
        channel = "counter" if event.actor.startswith("staff-") else "web"
        head = (order, event.number, event.day, event.name)
        with self._about(event, tracking) as c:
            c.execute(
                "INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *head,
                    event.note,
                    event.customer,
                    channel,
                    lines,
                    "queued",
                    "",
                    0,
                    "",
                    at,
                    at,
                    promised_at.isoformat(),
                    None,
                    None,
                    "",
                ),
            )
            c.execute(
                "INSERT INTO balance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *head,
                    event.customer,
                    lines,
                    event.currency,
                    total,
                    total,
                    0,
                    0,
                    0,
                    "waiting",
                    "due",
                    "[]",
                    "",
                    at,
                    0,
                ),
            )
            c.execute(
                "INSERT INTO board VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*head[:3], event.name[:12], event.customer, "queued", at, None),
            )
            c.execute(
                "INSERT INTO tracking_order VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *head,
                    event.note,
                    event.customer,
                    event.currency,
                    total,
                    "waiting",
                    "due",
                    at,
                    None,
                ),
            )
            c.execute(
                "INSERT INTO directory VALUES (?, ?, ?, ?, ?, ?, ?)",
                (order, "order", event.number, event.day, event.name, event.customer, at),
            )
            items = sum(line["quantity"] for line in event.lines)
            self._count(c, event.day, event.timestamp, orders=1, items=items, ordered=total)
            for line in event.lines:
                amount = line["unit_price"] * line["quantity"]
                c.execute(ITEM, (event.day, line["item"], line["name"], line["quantity"], amount))

    def started(self, event: Any, tracking: Tracking) -> None:
        """Somebody makes it."""
        order = event.originator_id.hex
        with self._about(event, tracking) as c:
            c.execute(
                "UPDATE ticket SET state = 'making', barista = ?, started_at = ?"
                " WHERE order_id = ?",
                (event.barista, event.timestamp.isoformat(), order),
            )
            self._progress(c, order, "making")

    def line_done(self, event: Any, tracking: Tracking) -> None:
        """One line is ticked."""
        order = event.originator_id.hex
        with self._about(event, tracking) as c:
            c.execute("SELECT lines FROM ticket WHERE order_id = ?", (order,))
            lines = json.loads(c.fetchone()["lines"])
            lines[event.line - 1]["ticked"] = True
            c.execute("UPDATE ticket SET lines = ? WHERE order_id = ?", (json.dumps(lines), order))

    def ready(self, event: Any, tracking: Tracking) -> None:
        """It can be fetched; the first time counts for the day."""
        order, at = event.originator_id.hex, event.timestamp
        with self._about(event, tracking) as c:
            c.execute(
                "SELECT day, ordered_at, promised_at, ready_at FROM ticket WHERE order_id = ?",
                (order,),
            )
            row = c.fetchone()
            if row["ready_at"] is None:
                took = at - datetime.fromisoformat(row["ordered_at"])
                on_time = int(at <= datetime.fromisoformat(row["promised_at"]))
                figures = {"made": 1, "on_time": on_time, "seconds": round(took.total_seconds())}
                self._count(c, row["day"], at, **figures)
            c.execute(
                "UPDATE ticket SET state = 'ready', ready_at = ? WHERE order_id = ?",
                (at.isoformat(), order),
            )
            c.execute("UPDATE board SET ready_at = ? WHERE order_id = ?", (at.isoformat(), order))
            self._progress(c, order, "ready")

    def over(self, event: Any, ending: str, tracking: Tracking) -> None:
        """Handed over, or nobody came."""
        order = event.originator_id.hex
        with self._about(event, tracking) as c:
            c.execute(
                "UPDATE ticket SET state = 'done', ending = ? WHERE order_id = ?", (ending, order)
            )
            self._progress(c, order, ending)
            self._count(c, self._day(c, order), event.timestamp, **{ending: 1})

    def brought_back(self, event: Any, tracking: Tracking) -> None:
        """It is made again, or was called too early."""
        order, at = event.originator_id.hex, event.timestamp.isoformat()
        state = "queued" if event.reason != "misbump" else "making"
        clock = ", clock_from = ?" if event.reason != "misbump" else ""
        with self._about(event, tracking) as c:
            c.execute(
                f"UPDATE ticket SET state = ?, brought_back = ?{clock} WHERE order_id = ?",  # noqa: S608
                (state, event.reason, at, order) if clock else (state, event.reason, order),
            )
            self._progress(c, order, "waiting" if state == "queued" else "making")

    def cancelled(self, event: Any, tracking: Tracking) -> None:
        """It is off, and does not count any more."""
        order = event.originator_id.hex
        with self._about(event, tracking) as c:
            c.execute("SELECT day, state, lines FROM ticket WHERE order_id = ?", (order,))
            row = c.fetchone()
            lines = json.loads(row["lines"])
            c.execute(
                "UPDATE balance SET due = 0, cancel_reason = ?,"
                " money = CASE money WHEN 'due' THEN 'nothing due' ELSE money END"
                " WHERE order_id = ?",
                (event.reason, order),
            )
            if row["state"] == "making":
                c.execute("UPDATE ticket SET state = 'stopping' WHERE order_id = ?", (order,))
            self._progress(c, order, "cancelled")
            total = sum(line["unit_price"] * line["quantity"] for line in lines)
            items = sum(line["quantity"] for line in lines)
            figures = {"cancelled": 1, "items": -items, "ordered": -total}
            self._count(c, row["day"], event.timestamp, **figures)
            for line in lines:
                amount = line["unit_price"] * line["quantity"]
                gone = (row["day"], line["item"], line["name"], -line["quantity"], -amount)
                c.execute(ITEM, gone)

    def stopped(self, event: Any, tracking: Tracking) -> None:
        """The bar knows of it."""
        with self._about(event, tracking) as c:
            c.execute(
                "UPDATE ticket SET state = 'done', ending = ? WHERE order_id = ?",
                (event.disposition, event.originator_id.hex),
            )

    def payment(self, event: Any, money: str, tracking: Tracking) -> None:
        """A payment or refund was tried, or came to nothing."""
        with self._about(event, tracking) as c:
            self._money(c, event, money)

    def paid(self, event: Any, tracking: Tracking) -> None:
        """The money is there."""
        order = event.originator_id.hex
        with self._about(event, tracking) as c:
            c.execute(
                "UPDATE balance SET due = 0, paid = ? WHERE order_id = ?", (event.amount, order)
            )
            c.execute("UPDATE ticket SET paid = 1 WHERE order_id = ?", (order,))
            self._money(c, event, "paid")
            figures = {"payments": 1, event.tender: event.amount}
            self._count(c, event.timestamp.date().isoformat(), event.timestamp, **figures)

    def refunded(self, event: Any, tracking: Tracking) -> None:
        """The money went back."""
        with self._about(event, tracking) as c:
            c.execute(
                "UPDATE balance SET refunded = refunded + ? WHERE order_id = ?",
                (event.amount, event.originator_id.hex),
            )
            self._money(c, event, "refunded")
            figures = {"refunds": 1, "refunded": event.amount}
            self._count(c, event.timestamp.date().isoformat(), event.timestamp, **figures)

    def written_off(self, event: Any, tracking: Tracking) -> None:
        """Nobody pays."""
        order = event.originator_id.hex
        with self._about(event, tracking) as c:
            c.execute(
                "UPDATE balance SET due = 0, written_off = ? WHERE order_id = ?",
                (event.amount, order),
            )
            c.execute("UPDATE ticket SET paid = 1 WHERE order_id = ?", (order,))
            self._money(c, event, "written off")
            day = event.timestamp.date().isoformat()
            self._count(c, day, event.timestamp, written_off=event.amount)

    def registered(self, event: Any, tracking: Tracking) -> None:
        """Somebody can be found by name."""
        entry = (event.originator_id.hex, "customer", None, "", event.name, event.customer)
        with self._tracked(tracking) as c:
            c.execute(
                "INSERT INTO directory VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*entry, event.timestamp.isoformat()),
            )

    def forgotten(self, event: Any, tracking: Tracking) -> None:
        """No table knows the name any more."""
        with self._tracked(tracking) as c:
            for table in HAS_NAMES:
                c.execute(
                    f"UPDATE {table} SET name = 'forgotten' WHERE customer = ?",  # noqa: S608
                    (event.customer,),
                )

    @contextmanager
    def _tracked(self, tracking: Tracking) -> Iterator[SQLiteCursor]:
        with self.datastore.transaction(commit=True) as c:
            yield c
            self._insert_tracking(c, tracking)

    @contextmanager
    def _about(self, event: Any, tracking: Tracking) -> Iterator[SQLiteCursor]:
        """The transaction of an event of an order; it also becomes one of the order's facts."""
        payload = {k: v for k, v in vars(event).items() if isinstance(v, str | int | bool)}
        with self._tracked(tracking) as c:
            yield c
            c.execute(
                "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)",
                (
                    event.originator_id.hex,
                    event.originator_version,
                    type(event).__name__,
                    event.timestamp.isoformat(),
                    event.actor,
                    json.dumps(payload),
                ),
            )

    def _progress(self, c: SQLiteCursor, order: str, progress: str) -> None:
        gone = progress in ("served", "not_collected", "cancelled")
        state = {"waiting": "queued"}.get(progress, progress)
        c.execute(
            "UPDATE board SET state = ? WHERE order_id = ?", ("gone" if gone else state, order)
        )
        c.execute(
            "UPDATE balance SET progress = ?, settled = ? AND money IN"
            " ('paid', 'refunded', 'written off', 'nothing due') WHERE order_id = ?",
            (progress, gone, order),
        )
        c.execute("UPDATE tracking_order SET progress = ? WHERE order_id = ?", (progress, order))

    def _money(self, c: SQLiteCursor, event: Any, money: str) -> None:
        order: UUID = event.originator_id
        c.execute("SELECT payments FROM balance WHERE order_id = ?", (order.hex,))
        payments = json.loads(c.fetchone()["payments"])
        payments.append({"what": type(event).__name__, "at": event.timestamp.isoformat()})
        c.execute(
            "UPDATE balance SET money = ?, payments = ?, settled = progress IN"
            " ('served', 'not_collected', 'cancelled') AND ? WHERE order_id = ?",
            (money, json.dumps(payments), money in ("paid", "refunded", "written off"), order.hex),
        )
        c.execute("UPDATE tracking_order SET money = ? WHERE order_id = ?", (money, order.hex))

    def _day(self, c: SQLiteCursor, order: str) -> str:
        c.execute("SELECT day FROM ticket WHERE order_id = ?", (order,))
        return str(c.fetchone()["day"])

    def _count(self, c: SQLiteCursor, day: str, at: datetime, **figures: int) -> None:
        minute = at.replace(second=0, microsecond=0).isoformat()
        for figure, value in figures.items():
            c.execute(SALES, (day, WHOLE_DAY, figure, value))
            c.execute(SALES, (day, minute, figure, value))

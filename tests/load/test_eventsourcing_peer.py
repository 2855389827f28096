"""The peer is honest: its view says of the same days what the shop's own fold says."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from orders.domain.balance import Balance
from orders.domain.balance import evolve as balance_after
from orders.domain.event import Event
from orders.domain.events import CoffeeOrdered, OrderCancelled, OrderPaid
from orders.domain.ticket import Stage, Ticket
from orders.domain.ticket import evolve as ticket_after
from tests.load.long_log import days_until

pytestmark = pytest.mark.slow

peer = pytest.importorskip("tests.load.eventsourcing_shop", reason="eventsourcing is not installed")

END = datetime.fromisoformat("2026-05-07T09:10:00+02:00")
EVENTS = 3_000


def test_the_peer_shows_what_the_shop_shows(tmp_path: Path) -> None:
    peer.fill(tmp_path, EVENTS, END)
    projected = peer.project(tmp_path)

    orders: dict[str, list[Event]] = defaultdict(list)
    written = 0
    for append in days_until(EVENTS, END).appends():
        written += len(append.events)
        if append.stream.startswith("order-"):
            orders[append.stream] += append.events
    assert projected == written
    tickets, balances = [], []
    for events in orders.values():
        ticket, balance = Ticket(), Balance()
        for event in events:
            ticket, balance = ticket_after(ticket, event), balance_after(balance, event)
        tickets.append(ticket)
        balances.append(balance)
    facts = [event for events in orders.values() for event in events]

    with closing(sqlite3.connect(tmp_path / "view.db")) as view:

        def shown(statement: str) -> int:
            return int(view.execute(f"SELECT {statement}").fetchone()[0])

        def of_days(figure: str) -> int:
            return shown(f"sum(value) FROM sales WHERE minute = '' AND figure = '{figure}'")

        making = [t for t in tickets if t.stage is Stage.MAKING and not t.cancelled]
        assert shown("count(*) FROM ticket") == len(orders)
        assert shown("count(*) FROM ticket WHERE state = 'making'") == len(making)
        assert shown("count(*) FROM fact") == len(facts)
        assert shown("sum(due) FROM balance") == sum(balance.due for balance in balances)
        assert of_days("orders") == len(orders)
        assert of_days("cancelled") == sum(isinstance(f, OrderCancelled) for f in facts)
        paid = sum(f.amount or 0 for f in facts if isinstance(f, OrderPaid) and f.tender == "cash")
        assert of_days("cash") == paid
        cancelled = {
            s for s, es in orders.items() if any(isinstance(e, OrderCancelled) for e in es)
        }
        ordered = [e for s, es in orders.items() if s not in cancelled for e in es]
        assert of_days("ordered") == sum(e.total for e in ordered if isinstance(e, CoffeeOrdered))

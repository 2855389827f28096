"""What the card terminal did, against what the log says it did. Amounts in cents.

Reads the demo terminal's own memory, which plays the bank: it was there whoever died meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.recorded import Recorded


@dataclass(frozen=True)
class Movement:
    """One line of the bank's account: what was asked under one key, and what became of it."""

    key: str
    outcome: str  # approved, declined, cancelled, refunded
    amount: int
    refund_of: str


def read_terminal(var: Path) -> list[Movement]:
    """Everything the demo terminal of this shop remembers."""
    with closing(sqlite3.connect(f"file:{var / 'default.sqlite3'}?mode=ro", uri=True)) as file:
        rows = file.execute(
            "SELECT key, outcome, amount, refund_of FROM orders_demoterminalcharge"
        ).fetchall()
    return [Movement(*row) for row in rows]


def terminal_is_wrong(events: Sequence[Recorded], movements: Iterable[Movement]) -> list[str]:
    """Where the bank and the log disagree. The log must have no open payment or refund."""
    moved = list(movements)
    charged = {charge.key: charge.amount for charge in moved if charge.outcome == "approved"}
    given_back = [movement for movement in moved if movement.outcome == "refunded"]
    paid = {
        str(event.data["payment"]): int(event.data["amount"])
        for event in events
        if event.type_name == "OrderPaid" and event.data.get("tender") == "card"
    }
    refunded = {
        str(event.data["refund"]): int(event.data["amount"])
        for event in events
        if event.type_name == "PaymentRefunded" and event.data.get("tender") == "card"
    }
    wrong = [
        f"The card was charged for {key}, but the log does not say that it was paid."
        for key in charged.keys() - paid.keys()
    ]
    wrong += [
        f"The log says that {key} was paid by card, but the card was never charged."
        for key in paid.keys() - charged.keys()
    ]
    wrong += [
        f"{key}: {charged[key]} was charged, {paid[key]} recorded."
        for key in charged.keys() & paid.keys()
        if charged[key] != paid[key]
    ]
    for payment in {refund.refund_of for refund in given_back}:
        back = sum(refund.amount for refund in given_back if refund.refund_of == payment)
        if back > charged.get(payment, 0):
            wrong.append(f"{back} of {payment} was given back, which is more than was charged.")
    if {refund.key: refund.amount for refund in given_back} != refunded:
        wrong.append("The bank and the log know different refunds.")
    return wrong

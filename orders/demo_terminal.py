"""A card terminal for the demonstration, with a memory as durable as a bank's.

The card's token says how it behaves: `demo-approve`; `demo-decline`; `demo-timeout` (charges, but
its first answer is lost); `demo-lost` (neither charges nor answers, so the payment ends rolled
back). Any other token is an unknown card.
"""

import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Sum

from orders.models import DemoTerminalCharge
from orders.payment_gateway import (
    Approved,
    Cancelled,
    Declined,
    GatewayTimeout,
    NotFound,
    Refunded,
    RefundRefused,
)

APPROVED, DECLINED, CANCELLED, REFUNDED = "approved", "declined", "cancelled", "refunded"

PATIENCE_SECONDS = 3.0
"""How long a call hangs before it is called a timeout."""


class DemoTerminal:
    """Charges nobody. Safe to share between threads and processes."""

    def __init__(
        self, pause: Callable[[float], None] = time.sleep, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._pause = pause
        self._patience = patience

    def charge(self, key: str, amount: int, currency: str, card_token: str) -> Approved | Declined:
        """As the token says; raises `GatewayTimeout` after the terminal's patience."""
        if card_token == "demo-lost" and self._row(key) is None:  # noqa: S105 (not a password)
            self._time_out()
        outcome, reason = {
            "demo-approve": (APPROVED, ""),
            "demo-timeout": (APPROVED, ""),
            "demo-decline": (DECLINED, "The bank declined the card."),
        }.get(card_token, (DECLINED, "The terminal does not know this card."))
        row, first = DemoTerminalCharge.objects.get_or_create(
            key=key,
            defaults={"outcome": outcome, "reason": reason, "amount": amount, "currency": currency},
        )
        if first and card_token == "demo-timeout":  # noqa: S105
            self._time_out()
        if not first:
            DemoTerminalCharge.objects.filter(key=key).update(asked=row.asked + 1)
        return _charged(row)

    def status(self, key: str) -> Approved | Declined | Cancelled | NotFound:
        """What became of a charge."""
        row = self._row(key)
        if row is None:
            return NotFound()
        return Cancelled() if row.outcome == CANCELLED else _charged(row)

    def cancel(self, key: str) -> Approved | Declined | Cancelled:
        """Leave a mark that refuses a late charge."""
        row, _ = DemoTerminalCharge.objects.get_or_create(
            key=key, defaults={"outcome": CANCELLED, "amount": 0, "currency": ""}
        )
        return Cancelled() if row.outcome == CANCELLED else _charged(row)

    def refund(self, key: str, payment_key: str, amount: int) -> Refunded:
        """Give back, at most what was charged. Raises `RefundRefused`."""
        with transaction.atomic(using=DemoTerminalCharge.objects.db):
            if self._row(key) is not None:
                return Refunded()
            charge = DemoTerminalCharge.objects.select_for_update().filter(key=payment_key).first()
            if charge is None or charge.outcome != APPROVED:
                raise RefundRefused("There is no such charge.")
            back = DemoTerminalCharge.objects.filter(refund_of=payment_key).aggregate(
                sum=Sum("amount", default=0)
            )["sum"]
            if back + amount > charge.amount:
                raise RefundRefused("That is more than was charged.")
            DemoTerminalCharge.objects.create(
                key=key,
                outcome=REFUNDED,
                amount=amount,
                currency=charge.currency,
                refund_of=payment_key,
            )
        return Refunded()

    def _row(self, key: str) -> DemoTerminalCharge | None:
        return DemoTerminalCharge.objects.filter(key=key).first()

    def _time_out(self) -> None:
        self._pause(self._patience)
        raise GatewayTimeout


def _charged(row: DemoTerminalCharge) -> Approved | Declined:
    if row.outcome == APPROVED:
        return Approved()
    return Declined(row.reason or "This payment was called off.")

"""A card terminal for the demonstration, with a memory as durable as a bank's.

The card's token says how it behaves: `demo-approve`; `demo-decline`; `demo-timeout` (charges, but
its first response is lost); `demo-lost` (neither charges nor responds, so the payment ends rolled
back). Any other token is an unknown card. Knows nothing of orders, events or the log.
"""

import time
from collections.abc import Callable

from django.db import models, transaction
from django.db.models import Sum
from django.utils.translation import gettext_noop

from orders.payments.gateway import (
    Approved,
    Cancelled,
    Declined,
    GatewayTimeout,
    NotFound,
    Refunded,
    RefundRefused,
)

DEMO_CARDS: tuple[tuple[str, str], ...] = (
    ("demo-approve", gettext_noop("Approve")),
    ("demo-decline", gettext_noop("Decline")),
    ("demo-timeout", gettext_noop("Charge, but answer late")),
    ("demo-lost", gettext_noop("Lose the request: nothing is charged")),
)
"""The tokens it knows, with the words of the page's choice."""

APPROVED, DECLINED, CANCELLED, REFUNDED = "approved", "declined", "cancelled", "refunded"

TIMEOUT_SECONDS = 3.0
"""How long a call hangs before it is called a timeout."""


class DemoTerminalCharge(models.Model):
    """What the demo card terminal remembers, as a bank would: one row an idempotency key."""

    key = models.CharField(max_length=80, primary_key=True)
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=120, blank=True)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    refund_of = models.CharField(max_length=80, blank=True)
    asked = models.PositiveIntegerField(default=1, help_text="How often this key was sent")

    def __str__(self) -> str:
        return f"{self.key}: {self.outcome}"


class DemoTerminal:
    """Charges nobody. Safe to share between threads and processes."""

    def __init__(
        self, sleep: Callable[[float], None] = time.sleep, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._sleep = sleep
        self._timeout = timeout

    def charge(self, key: str, amount: int, currency: str, card_token: str) -> Approved | Declined:
        """Charge or decline as the token says; raises `GatewayTimeout` when the time is up."""
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
        """Leave a row that refuses a late charge."""
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
        self._sleep(self._timeout)
        raise GatewayTimeout


def _charged(row: DemoTerminalCharge) -> Approved | Declined:
    if row.outcome == APPROVED:
        return Approved()
    return Declined(row.reason or "This payment was called off.")

"""The row about one order's money: what the cashier sees of it.

All amounts are integer cents in the row's currency.
"""

from typing import ClassVar

from django.db import models

from orders.domain.order_status import Money, Progress
from orders.domain.order_words import headline
from orders.domain.ticket import Stage
from projections.at_the_bar import AtTheBar
from projections.read_row import shown_number, unique_in_generation


class Balance(AtTheBar):
    """One order as the till sees it: what is due, what was tried, whether it can be handed over.

    `payments` lists payment, tender, amount, given, change, state (started, paid, declined or
    rolled back) and reason; `refunds` lists refund, payment, amount, state (started or refunded)
    and reason.
    """

    KEY: ClassVar = ("order",)

    number = models.IntegerField()
    day = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    customer = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, help_text="web or counter")
    lines = models.JSONField(
        default=list, help_text="line, item, name, size, options, quantity, unit_price"
    )
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    due = models.BigIntegerField(help_text="What is still to be paid.")
    paid = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    written_off = models.BigIntegerField(default=0)
    is_written_off = models.BooleanField(default=False)
    money = models.CharField(max_length=20, help_text="The money in the domain's words.")
    payments = models.JSONField(default=list)
    refunds = models.JSONField(default=list)
    cancel_reason = models.CharField(max_length=200, blank=True)
    ordered_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    settled = models.BooleanField(
        default=False, help_text="Neither money nor coffee has to change hands any more."
    )

    class Meta:
        constraints: ClassVar = [unique_in_generation("balance_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "settled", "ordered_at"], name="balance_open"),
            models.Index(fields=["generation", "customer"], name="balance_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.money}"

    @property
    def element_id(self) -> str:
        """The id of this balance's element at the till."""
        return f"balance-{self.order}"

    @property
    def number_text(self) -> str:
        """`041`: the number as people see it."""
        return shown_number(self.number)

    @property
    def refund_due(self) -> int:
        """What the customer of a cancelled order has to get back."""
        return max(0, self.paid - self.refunded) if self.cancelled else 0

    @property
    def kept(self) -> int:
        """What the shop holds of this order: paid less refunded."""
        return self.paid - self.refunded

    @property
    def is_ready(self) -> bool:
        """Whether it waits to be handed over."""
        return self.progress is Progress.READY

    @property
    def can_serve(self) -> bool:
        """Whether it may be handed over, late as it may be: made, and nothing is due."""
        over = self.cancelled or self.served
        return self.stage == Stage.READY and not over and self.due == 0

    @property
    def is_alarm(self) -> bool:
        """Handed over or not collected, and still unpaid."""
        return (self.served or self.not_collected) and self.due > 0

    @property
    def is_charging(self) -> bool:
        """Whether a card terminal has not answered yet."""
        return self.money in (Money.UNDER_WAY, Money.REFUND_UNDER_WAY)

    @property
    def can_take_money(self) -> bool:
        """Whether a payment may be started now."""
        return self.due > 0 and not self.is_charging

    @property
    def can_refund(self) -> bool:
        """Whether money may be given back now."""
        return self.money in (Money.PAID, Money.REFUND_DUE)

    @property
    def was_paid_through_gateway(self) -> bool:
        """Whether a refund goes back through the card terminal (else: by hand)."""
        paid = [one for one in self.payments if one["state"] == "paid"]
        return bool(paid) and paid[-1]["tender"] == "card" and bool(paid[-1]["payment"])

    @property
    def headline(self) -> str:
        """The derived status in one line."""
        return headline(self.progress, Money(self.money), self.due, self.currency)

    @property
    def last_payment(self) -> dict[str, object] | None:
        """The latest attempt to pay, whatever became of it."""
        return self.payments[-1] if self.payments else None

    @property
    def change(self) -> int:
        """What the customer got back of the cash they gave last."""
        paid = [one for one in self.payments if one["state"] == "paid"]
        return int(paid[-1]["change"]) if paid else 0

    @property
    def decline_reason(self) -> str:
        """Why the latest attempt came to nothing; empty if it did not."""
        last = self.last_payment
        failed = last is not None and last["state"] in ("declined", "rolled back")
        return str(last["reason"]) if failed and last is not None else ""

    @property
    def urgency(self) -> int:
        """0 alarm or money to give back, 1 ready and unpaid, 2 ready and paid, 3 all the rest."""
        if self.is_alarm or self.refund_due:
            return 0
        if self.is_ready:
            return 1 if self.due else 2
        return 3

    @property
    def sort(self) -> str:
        """The most urgent first, then the oldest. Sorts as text."""
        since = self.ordered_at.isoformat(timespec="microseconds")
        return f"{self.urgency}-{since}-{self.number:06d}"

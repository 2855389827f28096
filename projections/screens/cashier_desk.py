"""The cashier's desk: what is due, what was tried, whether an order can be handed over.

All amounts are integer cents in the row's currency.
"""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

import msgspec
from django.db import models
from django.db.models import Case, QuerySet, Value, When
from django.template.loader import render_to_string

from orders.domain.order_words import headline
from orders.domain.payment_attempts import CAME_TO_NOTHING, AttemptState
from orders.domain.progress import Money, Progress
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import unique_in_generation
from projections.engine.unit_of_work import Changes
from projections.folded_order import FoldedOrder
from projections.order_row import OrderRow
from projections.screen import Fragment, Room, Screen, are_more_than, more_rows, oldest_first
from projections.search import numbered_or_named

NAME = "cashier-desk"
FOUND_AT_MOST = 20
TO_BE_MADE = (Progress.WAITING, Progress.HELD, Progress.MAKING)
TO_BE_SERVED = (*TO_BE_MADE, Progress.READY)

BALANCES_SHOWN = 30
"""Open balances at most: 1920 x 1080 shows some 12 without scrolling, and each carries everything
about its order (6 KB). The rest is counted, stands on the next pages, and is found by name."""


class DeskBalance(OrderRow):
    """One order as the till sees it.

    `payments` and `refunds` hold the attempts of `orders.domain.payment_attempts`.
    """

    PROJECTION: ClassVar = NAME
    PERSONAL: ClassVar = ("name",)

    name = models.CharField(max_length=200)
    lines = models.JSONField(default=list, help_text="name, size, options, quantity, unit_price")
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    due = models.BigIntegerField(help_text="What is still to be paid.")
    paid = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    written_off = models.BigIntegerField(default=0)
    owed = models.BigIntegerField(default=0, help_text="What has to be given back.")
    back_now = models.BigIntegerField(
        default=0, help_text="What would be given back first, of the latest payment."
    )
    back_by_card = models.BooleanField(
        default=False, help_text="That goes back through the card terminal."
    )
    progress = models.CharField(max_length=20, help_text="How far it is, in the domain's words.")
    money = models.CharField(max_length=20, help_text="The money in the domain's words.")
    can_serve = models.BooleanField(default=False, help_text="May be handed over now.")
    payments = models.JSONField(default=list)
    refunds = models.JSONField(default=list)
    cancel_reason = models.CharField(max_length=200, blank=True)
    settled = models.BooleanField(
        default=False, help_text="Neither money nor coffee has to change hands any more."
    )

    class Meta:
        verbose_name = "balance"
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
    def is_cancelled(self) -> bool:
        """Whether the order is off."""
        return self.progress == Progress.CANCELLED

    @property
    def is_ready(self) -> bool:
        """Whether it waits to be handed over."""
        return self.progress == Progress.READY

    @property
    def is_over(self) -> bool:
        """Whether it is off, handed over, or nobody came for it."""
        return self.progress not in TO_BE_SERVED

    @property
    def is_alarm(self) -> bool:
        """Handed over or not collected, and still unpaid."""
        return self.is_over and not self.is_cancelled and self.due > 0

    @property
    def kept(self) -> int:
        """What the shop holds of this order: paid less refunded."""
        return self.paid - self.refunded

    @property
    def can_take_money(self) -> bool:
        """Whether a payment may be started now."""
        return self.due > 0 and self.money not in (Money.UNDER_WAY, Money.REFUND_UNDER_WAY)

    @property
    def change(self) -> int:
        """What the customer got back of the cash they gave last."""
        return int(self._paid["change"]) if self._paid else 0

    @property
    def decline_reason(self) -> str:
        """Why the latest attempt came to nothing; empty if it did not."""
        last = self.payments[-1] if self.payments else None
        return str(last["reason"]) if last and last["state"] in CAME_TO_NOTHING else ""

    @property
    def headline(self) -> str:
        """The derived status in one line."""
        return headline(Progress(self.progress), Money(self.money), self.due, self.currency)

    @property
    def urgency(self) -> int:
        """0 alarm or money to give back, 1 ready and unpaid, 2 ready and paid, 3 all the rest."""
        if self.is_alarm or self.owed:
            return 0
        if self.is_ready:
            return 1 if self.due else 2
        return 3

    @property
    def sort(self) -> str:
        """The most urgent first, then the oldest. Sorts as text."""
        return f"{self.urgency}-{oldest_first(self.ordered_at, self.number)}"

    @property
    def _paid(self) -> dict[str, Any] | None:
        paid = [attempt for attempt in self.payments if attempt["state"] == AttemptState.PAID]
        return paid[-1] if paid else None


def balance_of(order: FoldedOrder) -> DeskBalance | None:
    """The row of an order; None while nobody has ordered, and for an order of before the shop."""
    status = order.state
    placed = status.placed
    if placed is None or status.times.ordered is None or status.promised_at is None:
        return None
    back = status.balance.goes_back_first
    return DeskBalance(
        order=order.id,
        number=placed.number,
        day=placed.day,
        name=placed.name,
        customer=placed.customer,
        lines=[
            {
                "name": line.name,
                "size": line.size,
                "options": list(line.words),
                "quantity": line.quantity,
                "unit_price": line.unit_price,
            }
            for line in placed.lines
        ],
        currency=placed.currency,
        total=placed.total,
        due=status.due,
        paid=status.paid,
        refunded=status.refunded,
        written_off=status.written_off,
        owed=status.balance.owed,
        back_now=status.balance.goes_back_now,
        back_by_card=back is not None and back.through_gateway,
        progress=status.progress.value,
        money=status.money.value,
        can_serve=status.can_serve,
        payments=msgspec.to_builtins(list(status.payments)),
        refunds=msgspec.to_builtins(list(status.refunds)),
        cancel_reason=status.cancellation.reason if status.cancellation else "",
        ordered_at=status.times.ordered,
        settled=status.is_settled,
    )


URGENCY = Case(
    When(owed__gt=0, then=0),
    When(progress=Progress.CANCELLED.value, then=3),
    When(progress=Progress.READY.value, due=0, then=2),
    When(progress=Progress.READY.value, then=1),
    When(progress__in=[progress.value for progress in TO_BE_MADE], then=3),
    When(due__gt=0, then=0),
    default=3,
)
"""`DeskBalance.urgency` in SQL: thousands of rows are sorted where they are."""


def open_balances(
    q: str = "", then: Iterable[FoldedOrder] | None = None
) -> QuerySet[DeskBalance] | list[DeskBalance]:
    """Every order where money or coffee has still to change hands, the most urgent first.

    To be shown page by page.

    `q` finds by number or name. `then`: for the orders that could be seen at a time in the past.
    """
    if then is not None:
        balances = [row for row in map(balance_of, then) if row is not None and not row.settled]
        return sorted(balances, key=lambda balance: balance.sort)
    return numbered_or_named(_open(), q).order_by(URGENCY, "ordered_at", "number")


def _open() -> QuerySet[DeskBalance]:
    # A value: of a plain False Django makes `NOT settled`, which reads all balances ever made.
    return active_rows(DeskBalance).filter(settled=Value(False))


def still_to_be_served(q: str, *, unpaid: bool, limit: int) -> tuple[list[DeskBalance], int]:
    """What the shop may still cancel, the newest first: so many rows, and how many there are."""
    rows = numbered_or_named(_open().filter(progress__in=TO_BE_SERVED), q)
    if unpaid:
        rows = rows.filter(due__gt=0)
    return list(rows.order_by("-ordered_at", "-number")[:limit]), rows.count()


def shown_live() -> set[str]:
    """The orders (hexadecimal ids) whose balances a live screen has room for."""
    most_urgent = _open().order_by(URGENCY, "ordered_at", "number")
    return set(most_urgent.values_list("order", flat=True)[:BALANCES_SHOWN])


def found_beside(orders: Collection[str], shown: Iterable[DeskBalance]) -> list[DeskBalance]:
    """Of these orders (hexadecimal ids) those that are not among the ones shown, newest first."""
    wanted = set(orders).difference(balance.order for balance in shown)
    rows = (
        active_rows(DeskBalance).filter(order__in=wanted) if wanted else DeskBalance.objects.none()
    )
    return list(rows.order_by("-ordered_at")[:FOUND_AT_MOST])


def _snapshot(_key: str, room: Room) -> list[Fragment]:
    balances = room.fill(open_balances(), BALANCES_SHOWN, _balance)
    return [*balances, more_rows("balances", room.left_out, "till")]


def _is_crowded() -> bool:
    return are_more_than(BALANCES_SHOWN, _open())


def _changed(changes: Changes) -> list[Fragment]:
    rows = changes[DeskBalance].values()
    return [_balance(row) for row in rows if isinstance(row, DeskBalance)]


def _balance(balance: DeskBalance) -> Fragment:
    if balance.settled:
        return Fragment(balance.element_id, None, "balances")
    html = render_to_string("till/_balance.html", {"balance": balance})
    return Fragment(balance.element_id, html, "balances", balance.sort)


SCREEN = Screen(
    view=NAME,
    permission="see_desk",
    projection=Projection(name=NAME, version=4, tables=(DeskBalance,), row=balance_of, view=NAME),
    snapshot=_snapshot,
    is_crowded=_is_crowded,
    changed=_changed,
    pause=0.2,
    page="till",
    title="Till",
)

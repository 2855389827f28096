"""The money of one order, recounted from its recorded events. In integer cents.

Independent of the shop's own code on purpose.
"""

from collections import Counter
from collections.abc import Sequence

from tests.faults.recorded import Recorded

OUTCOMES = {"OrderPaid", "PaymentDeclined", "PaymentRolledBack"}


def money_is_wrong(order: str, events: Sequence[Recorded]) -> list[str]:
    """Everything about the money of this order that does not add up."""
    wrong: list[str] = []
    total = is_open = taken = 0  # `is_open`: what is not paid or written off yet; below 0: too much
    asked: dict[str, int] = {}
    for event in events:
        name = event.type_name
        if name in ("CoffeeOrdered", "OrderAmended"):
            is_open, total = is_open + _total(event) - total, _total(event)
        elif name == "PaymentRefunded":
            # What was paid too much, and goes back, is not given away.
            is_open += min(int(event.data["amount"]), max(0, -is_open))
        elif name == "OrderServed" and is_open > 0:
            wrong.append(f"{order} costs {total} and was served, but {is_open} was not paid.")
        elif name in ("PaymentStarted", "OrderPaid", "PaymentWrittenOff"):
            amount, payment = _amount(event, total), str(event.data.get("payment", ""))
            right = is_open if name != "OrderPaid" else asked.get(payment, is_open)
            if amount != right or amount <= 0:
                wrong.append(f"{order}: {name} of {amount}, but it was about {right}.")
            if name == "PaymentStarted":
                asked[payment] = amount
            else:
                is_open -= amount
                taken += amount if name == "OrderPaid" else 0
    paid = [event for event in events if event.type_name == "OrderPaid"]
    wrong += [said for event in paid for said in _payment_is_wrong(order, event)]
    return wrong + _attempts(order, events) + _refunds(order, events, taken)


def unsettled(events: Sequence[Recorded]) -> list[str]:
    """The payments and refunds of one order that were started and have no outcome yet."""
    ended = {e.data["payment"] for e in events if e.type_name in OUTCOMES}
    refunded = {e.data["refund"] for e in events if e.type_name == "PaymentRefunded"}
    open_payments = [
        f"payment {e.data['payment']}"
        for e in events
        if e.type_name == "PaymentStarted" and e.data["payment"] not in ended
    ]
    return open_payments + [
        f"refund {e.data['refund']}"
        for e in events
        if e.type_name == "RefundStarted" and e.data["refund"] not in refunded
    ]


def _total(event: Recorded) -> int:
    return sum(int(line["unit_price"]) * int(line["quantity"]) for line in event.data["lines"])


def _amount(event: Recorded, total: int) -> int:
    amount = event.data.get("amount")
    return total if amount is None else int(amount)


def _payment_is_wrong(order: str, event: Recorded) -> list[str]:
    wrong = []
    amount = _amount(event, 0)
    given, change = int(event.data.get("given", amount)), int(event.data.get("change", 0))
    if given - change != amount or change < 0:
        wrong.append(f"{order}: {given} given and {change} change do not make {amount}.")
    return wrong


def _attempts(order: str, events: Sequence[Recorded]) -> list[str]:
    """Each card payment has one outcome, after its start."""
    wrong = []
    started: set[str] = set()
    ended: Counter[str] = Counter()
    for event in events:
        payment = str(event.data.get("payment", ""))
        if event.type_name == "PaymentStarted":
            if payment in started:
                wrong.append(f"{order}: the payment {payment} was started twice.")
            started.add(payment)
        elif event.type_name in OUTCOMES:
            ended[payment] += 1
            by_card = event.type_name != "OrderPaid" or event.data.get("tender") == "card"
            if by_card and payment not in started:
                wrong.append(f"{order}: {event.type_name} of a payment that was never started.")
    return wrong + [
        f"{order}: the payment {payment} has {n} outcomes." for payment, n in ended.items() if n > 1
    ]


def _refunds(order: str, events: Sequence[Recorded], taken: int) -> list[str]:
    back = [event for event in events if event.type_name == "PaymentRefunded"]
    amount = sum(int(event.data["amount"]) for event in back)
    wrong = []
    each = Counter(str(event.data["payment"]) for event in back)
    is_changed = any(event.type_name == "OrderAmended" for event in events)
    wrong += [
        f"{order}: the payment {payment} was refunded {n} times."
        for payment, n in each.items()
        if n > 1 and not is_changed
    ]
    if amount > taken:
        wrong.append(f"{order}: {amount} was given back of {taken}.")
    return wrong

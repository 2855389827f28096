"""The money of one order, recounted from its recorded events. In integer cents.

Independent of the shop's own code on purpose.
"""

from collections import Counter
from collections.abc import Sequence

from tests.faults.recorded import Recorded

OUTCOMES = {"OrderPaid", "PaymentDeclined", "PaymentRolledBack"}


def money_is_wrong(order: str, events: Sequence[Recorded]) -> list[str]:
    """Everything about the money of this order that does not add up."""
    total = sum(_total(event) for event in events if event.type_name == "CoffeeOrdered")
    paid = [event for event in events if event.type_name == "OrderPaid"]
    wrong = [said for event in paid for said in _payment_is_wrong(order, event, total)]
    if len(paid) > 1:
        wrong.append(f"{order} was paid {len(paid)} times.")
    written_off = sum(int(e.data["amount"]) for e in events if e.type_name == "PaymentWrittenOff")
    taken = sum(_amount(event, total) for event in paid)
    if taken + written_off > total:
        wrong.append(f"{order} costs {total}, but {taken} was paid and {written_off} written off.")
    served = any(event.type_name == "OrderServed" for event in events)
    if served and taken + written_off < total:
        wrong.append(f"{order} costs {total} and was served, but only {taken} was paid.")
    return wrong + _attempts(order, events, total) + _refunds(order, events, taken)


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


def _payment_is_wrong(order: str, event: Recorded, total: int) -> list[str]:
    amount = _amount(event, total)
    wrong = []
    if amount != total:
        wrong.append(f"{order} costs {total}, but {amount} was paid.")
    given, change = int(event.data.get("given", amount)), int(event.data.get("change", 0))
    if given - change != amount or change < 0:
        wrong.append(f"{order}: {given} given and {change} change do not make {amount}.")
    return wrong


def _attempts(order: str, events: Sequence[Recorded], total: int) -> list[str]:
    """Each card payment has one outcome, after its start, and was started with the right sum."""
    wrong = []
    started: set[str] = set()
    ended: Counter[str] = Counter()
    for event in events:
        payment = str(event.data.get("payment", ""))
        if event.type_name == "PaymentStarted":
            if payment in started:
                wrong.append(f"{order}: the payment {payment} was started twice.")
            started.add(payment)
            if int(event.data["amount"]) != total:
                wrong.append(f"{order} costs {total}, but the card was asked for another sum.")
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
    if len(back) > 1:
        wrong.append(f"{order} was refunded {len(back)} times.")
    if amount > taken:
        wrong.append(f"{order}: {amount} was given back of {taken}.")
    return wrong

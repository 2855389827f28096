"""Old shapes of events → today's, one version at a time.

What was written is never rewritten: an event of an earlier version is read through the steps in
here. Payloads are plain dicts, as JSON carries them. Version 0 is the article's: three types,
named in lower case, without a version of their own.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orders.domain.event import type_named
from orders.domain.events import Tender

Payload = dict[str, Any]


class UnknownVersion(ValueError):
    """An event of a version that this program cannot read: usually a newer one than its own."""

    def __init__(self, type_name: str, schema: int) -> None:
        super().__init__(f"Version {schema} of {type_name} is unknown here.")
        self.type_name = type_name
        self.schema = schema


class BrokenPayload(ValueError):
    """An old event that lacks what its version promises."""

    def __init__(self, type_name: str, schema: int, cause: Exception) -> None:
        super().__init__(f"Version {schema} of {type_name} does not hold what it should: {cause!r}")
        self.type_name = type_name
        self.schema = schema


@dataclass(frozen=True)
class _Step:
    """From one version of one type to the next; the name may change with it."""

    to_type: str
    to_payload: Callable[[Payload, datetime], Payload]


ARTICLE_CURRENCY = "EUR"

_TENDERS: Mapping[str, Tender] = {"credit card": Tender.CARD, "cash": Tender.CASH}


def _coffee_ordered_from_0(old: Payload, occurred_at: datetime) -> Payload:
    name = str(old["type"])
    return {
        "number": int(old["order_number"]),
        "day": occurred_at.date().isoformat(),
        "customer": "",
        "name": "",
        "note": "",
        "lines": [
            {
                "line": 1,
                "item": _slug(name),
                "name": name,
                "size": str(old["size"]),
                "options": [],
                "quantity": 1,
                "unit_price": _cents(old["price"]),
            }
        ],
        "currency": ARTICLE_CURRENCY,
        "promised_seconds": 0,  # nobody had promised anything
    }


def _coffee_ordered_from_1(old: Payload, occurred_at: datetime) -> Payload:
    new = {"bar_name": "", "usual_size": False, "choices": [], "station": "bar"}
    lines = [{**line, **new} for line in old["lines"]]
    return {
        **old,
        "lines": lines,
        "allergies": "",
        "waits_for": "",
        "pick_up_at": "",
        "on_board": True,
        "cups": "",
    }


def _order_paid_from_0(old: Payload, occurred_at: datetime) -> Payload:
    return {
        "payment": "",  # no gateway of ours made this payment
        "amount": None,
        "tender": _TENDERS[old["payment_method"]].value,
        "given": 0,
        "change": 0,
    }


def _coffee_prepared_from_0(old: Payload, occurred_at: datetime) -> Payload:
    return {"desk": int(old["serving-desk"])}


def _coffee_prepared_from_1(old: Payload, occurred_at: datetime) -> Payload:
    return {**old, "at_closing": False}


def _brought_back_from_1(old: Payload, occurred_at: datetime) -> Payload:
    return {**old, "lines": []}


def _as_it_was(old: Payload, occurred_at: datetime) -> Payload:
    # The new version only has more to say: every old event is one of the new shape.
    return old


_STEPS: Mapping[tuple[str, int], _Step] = {
    ("coffee ordered", 0): _Step("CoffeeOrdered", _coffee_ordered_from_0),
    ("coffee order payed", 0): _Step("OrderPaid", _order_paid_from_0),
    ("coffee prepared", 0): _Step("CoffeePrepared", _coffee_prepared_from_0),
    ("CoffeeOrdered", 1): _Step("CoffeeOrdered", _coffee_ordered_from_1),
    ("CoffeePrepared", 1): _Step("CoffeePrepared", _coffee_prepared_from_1),
    ("BroughtBack", 1): _Step("BroughtBack", _brought_back_from_1),
    ("PreparationStopped", 1): _Step("PreparationStopped", _as_it_was),
}


def old_shapes() -> frozenset[tuple[str, int]]:
    """Every type name and version that is no longer written but still read."""
    return frozenset(_STEPS)


def upcast(
    type_name: str, schema: int, payload: Payload, *, occurred_at: datetime
) -> tuple[str, Payload]:
    """Today's name and shape of this event; a type that nobody knows is returned as it is.

    `occurred_at` is when it happened, in the shop's own time zone: version 0 recorded no day.
    Raises `UnknownVersion` for a version without a step to today's, `BrokenPayload` for an old
    event without the fields of its version.
    """
    while step := _STEPS.get((type_name, schema)):
        try:
            payload = step.to_payload(payload, occurred_at)
        except (KeyError, TypeError, ValueError, ArithmeticError) as cause:
            raise BrokenPayload(type_name, schema, cause) from cause
        type_name, schema = step.to_type, schema + 1
    known = type_named(type_name)
    if known is not None and schema != known.version:
        raise UnknownVersion(type_name, schema)
    return type_name, payload


def _cents(price: object) -> int:
    # str() first: the binary float 5.2 is 5.2000000000000002.
    exact = Decimal(str(price)) * 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _slug(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")

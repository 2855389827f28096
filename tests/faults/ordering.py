"""Sends orders to the shop as programs do, each noted in the journal before and after.

Knows the address `/api/orders/` and nothing of the inside.
"""

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.faults.order_journal import Answer, OrderJournal, journal_of
from tests.shop import Shop

PATIENCE_SECONDS = 20.0
RETRY_SECONDS = 0.5


def contents_of(item: str = "espresso", quantity: int = 1, card: str = "") -> dict[str, Any]:
    """What an order asks for, without its key."""
    paid = {"pay": "card", "card_token": card} if card else {"pay": "counter"}
    return {"items": [{"item": item, "quantity": quantity}], "name": "Helen", **paid}


def new_key() -> str:
    """The id of a new order form."""
    return str(uuid.uuid4())


def fields_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON of a response; {} if it is none."""
    try:
        fields = json.loads(response.content)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


class OrderingProgram:
    """One program that orders, over connections of its own. Safe to share between threads."""

    def __init__(self, url: str, journal: Path, headers: Mapping[str, str] | None = None) -> None:
        self._journal = OrderJournal(journal)
        self._client = httpx.Client(
            base_url=url,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            headers=headers,
            limits=httpx.Limits(max_connections=None),
        )

    @classmethod
    def of(cls, shop: Shop) -> "OrderingProgram":
        """A program that writes into the journal that the audit reads."""
        return cls(shop.url, journal_of(shop))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
        self._journal.close()

    def send(self, key: str, contents: dict[str, Any]) -> Answer:
        """Send one order once."""
        self._journal.asked(key, contents)
        began = time.monotonic()
        try:
            response = self._client.post("/api/orders/", json={"command_id": key, **contents})
            status, fields = response.status_code, fields_of(response)
        except httpx.TransportError:
            status, fields = 0, {}
        seconds = time.monotonic() - began
        self._journal.answered(key, contents, seconds, status, fields)
        return Answer(began + seconds, seconds, status, fields, contents)

    def insist(self, key: str, contents: dict[str, Any], seconds: float = 60.0) -> Answer:
        """Send it again with the same key until the answer is definite, for so long at most."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.send(key, contents)
            refused_for_now = answer.status == httpx.codes.TOO_MANY_REQUESTS
            if answer.outcome != "info" and not refused_for_now:
                return answer
            if time.monotonic() > deadline:
                return answer
            time.sleep(RETRY_SECONDS)

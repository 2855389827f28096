"""A bank for the tests of the reactor: it counts what it really did, and may lose its responses."""

from dataclasses import dataclass, field

from orders.payments.gateway import (
    Approved,
    Cancelled,
    Declined,
    GatewayTimeout,
    NotFound,
    Refunded,
)


class Killed(BaseException):
    """The process ended here: nothing below this line of the stack runs any more."""


@dataclass
class Bank:
    """Charges by key, durably. Loses the next `lose` responses, misses the next `deaf` requests."""

    charged: dict[str, int] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    refunded: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    declines: bool = False
    lose: int = 0
    deaf: int = 0
    killed_before: str = ""
    killed_after: str = ""

    def charge(self, key: str, amount: int, currency: str, card_token: str) -> Approved | Declined:
        self._receive("charge")
        if key in self.cancelled:
            return Declined("called off")
        if self.declines:
            self.declined.add(key)
            self._respond("charge")
            return Declined("no money")
        assert self.charged.get(key, amount) == amount
        self.charged[key] = amount
        self._respond("charge")
        return Approved()

    def status(self, key: str) -> Approved | Declined | Cancelled | NotFound:
        self._receive("status")
        if key in self.charged:
            return Approved()
        if key in self.declined:
            return Declined("no money")
        return Cancelled() if key in self.cancelled else NotFound()

    def cancel(self, key: str) -> Approved | Declined | Cancelled:
        self._receive("cancel")
        if key in self.charged:
            return Approved()
        self.cancelled.add(key)
        self._respond("cancel")
        return Cancelled()

    def refund(self, key: str, payment_key: str, amount: int) -> Refunded:
        self._receive("refund")
        assert self.refunded.get(key, amount) == amount
        self.refunded[key] = amount
        assert self.balance >= 0
        self._respond("refund")
        return Refunded()

    @property
    def balance(self) -> int:
        """What the shop has of the customers' money, in cents."""
        return sum(self.charged.values()) - sum(self.refunded.values())

    def _receive(self, call: str) -> None:
        self.calls.append(call)
        if self.killed_before == call:
            self.killed_before = ""
            raise Killed
        if self.deaf:
            self.deaf -= 1
            raise GatewayTimeout

    def _respond(self, call: str) -> None:
        if self.killed_after == call:
            self.killed_after = ""
            raise Killed
        if self.lose:
            self.lose -= 1
            raise GatewayTimeout

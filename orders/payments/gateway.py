"""The port to a payment gateway, and the gateway of a shop that has none.

Every call carries a key that stays the same for ever: repeating it never charges again. Knows
nothing of orders, events, the log or any one gateway. Amounts are integer cents.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Approved:
    """The card was charged."""


@dataclass(frozen=True)
class Declined:
    """The card was not charged and will not be under this key."""

    reason: str


@dataclass(frozen=True)
class Cancelled:
    """Nothing was charged, and a late request under this key will be refused."""


@dataclass(frozen=True)
class NotFound:
    """The gateway never received this key (yet)."""


@dataclass(frozen=True)
class Refunded:
    """The money is on its way back."""


class GatewayTimeout(Exception):
    """No response in time: it may have happened, or not. Repeat the call with the same key."""


class RefundRefused(Exception):
    """The gateway does not give this money back; a person has to look at it."""


class PaymentGateway(Protocol):
    """What a gateway can do. Every call may raise `GatewayTimeout`."""

    def charge(self, key: str, amount: int, currency: str, card_token: str) -> Approved | Declined:
        """Charge the card, once per key."""

    def status(self, key: str) -> Approved | Declined | Cancelled | NotFound:
        """What became of a charge."""

    def cancel(self, key: str) -> Approved | Declined | Cancelled:
        """Make sure that this charge never happens; `Approved` if it already has."""

    def refund(self, key: str, payment_key: str, amount: int) -> Refunded:
        """Give the money of a charge back, once per key. Raises `RefundRefused`."""


class NoGateway:
    """A shop without a gateway: cards are taken by hand at the counter."""

    def charge(self, key: str, amount: int, currency: str, card_token: str) -> Declined:
        """Decline: nobody here can charge a card."""
        return Declined("This shop takes cards at the counter only.")

    def status(self, key: str) -> NotFound:
        """Nothing was ever charged."""
        return NotFound()

    def cancel(self, key: str) -> Cancelled:
        """Nothing will ever be charged."""
        return Cancelled()

    def refund(self, key: str, payment_key: str, amount: int) -> Refunded:
        """Raise `RefundRefused`: there is nobody to give the money back."""
        raise RefundRefused("This shop has no payment gateway.")

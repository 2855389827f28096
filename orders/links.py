"""Links that only their owner knows: to one order, and to one customer. Nothing is stored.

A link is the id and a signature; whoever has it may see, so it is never logged.
"""

import hashlib
import hmac
from uuid import UUID, uuid5

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from orders.derived_keys import derived_key

ORDER_NAMESPACE = UUID("5b1ba2c3-8c2e-5d6e-9a54-30a4d2f3c5a1")
"""The name space of order ids; made once for Barstucks, and never to change."""

ORDER_SALT = "order-link"
CUSTOMER_SALT = "customer-link"


def order_id_for(customer: str, command_id: UUID) -> UUID:
    """The order that this form of this customer leads to, however often it is sent."""
    return uuid5(ORDER_NAMESPACE, f"{customer}:{command_id}")


def order_token(order: UUID) -> str:
    """`<hex>.<signature>`, the same for the same order."""
    return _signer(ORDER_SALT).sign(order.hex)


def order_in(token: str) -> UUID | None:
    """The order of a token; None if the shop did not sign it."""
    return _read(token, ORDER_SALT)


def order_url(order: UUID) -> str:
    """The address of the tracking page."""
    return reverse("order", args=(order_token(order),))


def check_digits(order: str) -> str:
    """Two digits that the customer's page and the staff's screens show of an order (an id).

    Nobody who only read the number on the board can say them: against drinks taken by mistake.
    """
    digest = hmac.new(derived_key("check digits"), order.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:4]) % 100:02d}"


def customer_token(customer: UUID) -> str:
    """`<hex>.<signature>`, with which a registered customer comes back on another device."""
    return _signer(CUSTOMER_SALT).sign(customer.hex)


def customer_in(token: str) -> UUID | None:
    """The customer of a token; None if the shop did not sign it."""
    return _read(token, CUSTOMER_SALT)


def _signer(salt: str) -> Signer:
    return Signer(salt=salt, sep=".")


def _read(token: str, salt: str) -> UUID | None:
    try:
        return UUID(hex=_signer(salt).unsign(token))
    except (BadSignature, ValueError):
        return None

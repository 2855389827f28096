"""Guests: an opaque customer id in a signed cookie, from the first thing in the basket.

Nobody has to sign in. The cookie says nothing about a person; whether the customer registered a
name is in their own stream. This module must not know baskets or orders.
"""

from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

SALT = "guest"
ONE_YEAR = 365 * 24 * 3600
"""How long a device is remembered, in seconds."""


def actor_of(customer: UUID) -> str:
    """The actor under which a customer is noted in the log."""
    return f"customer-{customer.hex}"


def cookie_name(name: str) -> str:
    """The name of one of our cookies; browsers keep `__Host-` ones to this host and to TLS."""
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def guest_of(request: HttpRequest) -> UUID | None:
    """The customer this device belongs to; None for a stranger or a cookie that is not ours."""
    signed = request.get_signed_cookie(cookie_name("guest"), default="", salt=SALT)
    try:
        return UUID(hex=signed or "")
    except ValueError:
        return None


def guest_or_new(request: HttpRequest) -> UUID:
    """The customer this device belongs to, or a new one: `remember` it with the response."""
    return guest_of(request) or uuid4()


def guest_of_command(request: HttpRequest, command_id: UUID) -> UUID:
    """The customer this device belongs to, or for a device without a cookie the command's own."""
    return guest_of(request) or customer_of_command(command_id)


def customer_of_command(command_id: UUID, salt: str = SALT) -> UUID:
    """A customer made of a command's id, so that a form sent five times has one customer.

    The server's secret goes in: nobody finds the customer by the id of a command.
    """
    return UUID(bytes=salted_hmac(salt, command_id.hex, algorithm="sha256").digest()[:16])


def remember(response: HttpResponseBase, customer: UUID) -> None:
    """Let the device know its customer for a year."""
    response.set_signed_cookie(
        cookie_name("guest"),
        customer.hex,
        salt=SALT,
        max_age=ONE_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_device(response: HttpResponseBase) -> None:
    """Remove the customer's cookie from this device."""
    response.delete_cookie(cookie_name("guest"), samesite="Lax")

"""Which account a call is made for: authenticated before the call begins, kept while it lasts.

Knows the ``Authorization`` header and the accounts; knows neither gRPC nor streams.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from enum import Enum
from typing import Protocol

from embedded_eventstore.access.accounts import Account


class NotAuthenticatedError(Exception):
    """Name and password are missing or wrong."""


class AccessDeniedError(Exception):
    """The account may not do that."""


class RequiredRole(Enum):
    """Which accounts may call a method. A method that does not say is for administrators."""

    ANYBODY = "anybody"
    ACCOUNTS = "accounts"
    OPERATORS = "operators"
    """Those who run the server, and administrators."""
    ADMINISTRATORS = "administrators"

    def is_held_by(self, account: Account | None) -> bool:
        match self:
            case RequiredRole.ANYBODY:
                return True
            case RequiredRole.ACCOUNTS:
                return account is not None
            case RequiredRole.OPERATORS:
                return account is not None and account.is_operator
            case RequiredRole.ADMINISTRATORS:
                return account is not None and account.is_admin


class Authenticator(Protocol):
    """Finds the account of an ``Authorization`` header; None when there is none."""

    def authenticate(self, authorization: str | None) -> Account | None: ...


_current: ContextVar[Account | None] = ContextVar("current_account", default=None)


def authenticate_call(
    accounts: Authenticator, required_role: RequiredRole, authorization: str | None
) -> None:
    """Set the account of this call. Raises NotAuthenticatedError and AccessDeniedError."""
    account = accounts.authenticate(authorization)
    if account is None and (authorization is not None or required_role is not RequiredRole.ANYBODY):
        raise NotAuthenticatedError
    if not required_role.is_held_by(account):
        raise AccessDeniedError
    _current.set(account)


def current_account() -> Account | None:
    """The account of this call; None when it is anonymous."""
    return _current.get()


def authorization_in(metadata: Iterable[tuple[str, str | bytes]] | None) -> str | None:
    """The ``Authorization`` header among a call's metadata; None without one."""
    for key, value in metadata or ():
        if key == "authorization":
            return value if isinstance(value, str) else value.decode(errors="replace")
    return None

"""Who is calling: recognised before each call begins, and remembered while it lasts.

Knows gRPC's way of carrying the header; knows nothing of streams.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from enum import Enum
from typing import Protocol

from embedded_eventstore.access.accounts import Account
from embedded_eventstore.protocol import errors


class Who(Enum):
    """Who may call a method at all. A method that does not say is for administrators."""

    ANYBODY = "anybody"
    ACCOUNTS = "accounts"
    ADMINISTRATORS = "administrators"


class Identifies(Protocol):
    """Tells who somebody is by an ``Authorization`` header; None: nobody we know."""

    def identify(self, authorization: str | None) -> Account | None: ...


_caller: ContextVar[Account | None] = ContextVar("caller", default=None)


def admit(accounts: Identifies, who: Who, context: errors.Context) -> None:
    """Recognise the caller of this call. Raises CallRefusedError."""
    authorization = authorization_in(context.invocation_metadata())
    account = accounts.identify(authorization)
    if account is None and (authorization is not None or who is not Who.ANYBODY):
        raise errors.unauthenticated()
    if who is Who.ADMINISTRATORS and not (account and account.is_admin):
        raise errors.access_denied()
    _caller.set(account)


def caller() -> Account | None:
    """Whose call this is; None when it is anybody's."""
    return _caller.get()


def authorization_in(metadata: Iterable[tuple[str, str | bytes]] | None) -> str | None:
    """The header that says who somebody is; None without one."""
    for key, value in metadata or ():
        if key == "authorization":
            return value if isinstance(value, str) else value.decode(errors="replace")
    return None

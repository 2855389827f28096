"""Accounts: names, passwords and roles, in a file that a person can read and change.

The file is made on the first start with random passwords. Knows nothing of gRPC, HTTP or streams.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded_eventstore.access import private_files
from embedded_eventstore.storage.schema import UnusableStoreError

FILE_NAME = "accounts.json"
ADMINISTRATORS = "$admins"
"""The role that may do everything, as Eventstore calls it."""
OPERATORS = "$ops"
"""The role that may run the server and its groups, as Eventstore calls it."""
ADMIN = "admin"
APPLICATION = "application"

_FIRST_ROLES: Mapping[str, tuple[str, ...]] = {ADMIN: (ADMINISTRATORS,), APPLICATION: ()}
_PASSWORD_BYTES = 32
_SHORTEST_PASSWORD = 16
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]+")
"""Names and passwords are written into ``esdb://name:password@…`` as they are."""


class UnusableAccountsError(UnusableStoreError):
    """The file of accounts cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """An authenticated account. Access rights may name the account or a role."""

    name: str
    roles: frozenset[str] = frozenset()

    @property
    def is_admin(self) -> bool:
        return ADMINISTRATORS in self.roles

    @property
    def is_operator(self) -> bool:
        return self.is_admin or OPERATORS in self.roles


NOBODY_ASKED = Account("", frozenset({ADMINISTRATORS}))
"""Everybody's account on a server without passwords."""


class Accounts:
    """The accounts of one server, as they were when it started."""

    def __init__(self, directory: Path) -> None:
        """Read the accounts in ``directory``, making them first if need be.

        Raises UnusableAccountsError.
        """
        self._digests: dict[str, bytes] = {}
        self._accounts: dict[str, Account] = {}
        for name, (password, roles) in read_accounts(directory).items():
            self._digests[name] = _digest(password.encode())
            self._accounts[name] = Account(name, frozenset(roles))
        self._no_digest = _digest(secrets.token_bytes())

    def authenticate(self, authorization: str | None) -> Account | None:
        """The account of an ``Authorization: Basic …`` header; None if name or password is wrong.

        Takes as long for a wrong name as for a wrong password.
        """
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return None
        raw_name, _, password = given.partition(b":")
        name = raw_name.decode(errors="replace")
        expected = self._digests.get(name, self._no_digest)
        if not hmac.compare_digest(_digest(password), expected):
            return None
        return self._accounts.get(name)


class OpenToAll:
    """In the place of Accounts when there are none: any header is accepted and ignored."""

    def authenticate(self, authorization: str | None) -> Account | None:
        return NOBODY_ASKED


def read_accounts(directory: Path) -> dict[str, tuple[str, list[str]]]:
    """Password and roles of each name; the file is made first if need be.

    Raises UnusableAccountsError.
    """
    path = directory / FILE_NAME
    try:
        if not path.exists():
            private_files.create(path, _first_accounts())
        path.chmod(0o600)
        return _parse(path.read_bytes())
    except OSError as error:
        raise UnusableAccountsError(f"{path} cannot be used: {error.strerror}.") from error
    except ValueError as error:
        raise UnusableAccountsError(
            f"{path} cannot be used: {error}. Mend it, or delete it and get new passwords."
        ) from error


def _first_accounts() -> bytes:
    accounts = {
        name: {"password": secrets.token_urlsafe(_PASSWORD_BYTES), "roles": list(roles)}
        for name, roles in _FIRST_ROLES.items()
    }
    return json.dumps(accounts, indent=2).encode() + b"\n"


def _parse(content: bytes) -> dict[str, tuple[str, list[str]]]:
    """Raises ValueError with half a sentence, which never quotes a password."""
    try:
        parsed = json.loads(content)
    except ValueError:
        raise ValueError("it is not JSON") from None
    if not isinstance(parsed, dict) or not parsed:
        raise ValueError("it is not a JSON object of accounts")
    return {name: _parse_account(name, account) for name, account in parsed.items()}


def _parse_account(name: str, account: object) -> tuple[str, list[str]]:
    match account:
        case {"password": str(password), "roles": [*roles]} if all(
            isinstance(role, str) for role in roles
        ):
            pass
        case _:
            raise ValueError(f"{name!r} needs a password (text) and roles (a list of texts)")
    if not _URL_SAFE.fullmatch(name) or not _URL_SAFE.fullmatch(password):
        raise ValueError(
            f"name and password of {name!r} may hold letters, digits and - . _ ~ only, because"
            " they become part of addresses"
        )
    if len(password) < _SHORTEST_PASSWORD:
        raise ValueError(f"the password of {name!r} needs at least {_SHORTEST_PASSWORD} characters")
    return password, roles


def _digest(password: bytes) -> bytes:
    """Compared instead of passwords, so that nothing depends on their lengths either."""
    return hashlib.sha256(password).digest()

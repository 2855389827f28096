"""The three people of the demonstration: Bao at the bar, Casey at the till, Ada over all.

Their passwords are random, made once, and stand in a file that only the shop's owner can read.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction

from staff.models import DemoAccount
from staff.names import forget_names
from staff.roles import BARISTA, CASHIER, MANAGER

FILE_NAME = "demo_logins.json"
PASSWORD_BYTES = 12


class NotADemo(Exception):
    """Demo accounts were asked for in a shop that takes real money."""

    sentence: ClassVar[str] = "Demo accounts exist in demo mode only (BARSTUCKS_MODE=demo)."


@dataclass(frozen=True, kw_only=True)
class DemoLogin:
    """One line of the login page of a demo."""

    username: str
    password: str
    role: str


PEOPLE = (("bao", "Bao", BARISTA), ("casey", "Casey", CASHIER), ("ada", "Ada", MANAGER))


def logins_file() -> Path:
    """Where the passwords of this shop's demo accounts stand."""
    return Path(settings.VAR) / FILE_NAME


def demo_logins() -> Sequence[DemoLogin]:
    """The logins to show; none outside demo mode or before they were made."""
    if not settings.DEMO:
        return ()
    written = _written()
    return tuple(
        DemoLogin(username=username, password=written[username]["password"], role=role)
        for username, _, role in PEOPLE
        if username in written
    )


def make_demo_accounts() -> Sequence[DemoLogin]:
    """Make what is missing, and let the passwords be those of the file. Raises `NotADemo`."""
    if not settings.DEMO:
        raise NotADemo(NotADemo.sentence)
    written = _written()
    for username, _, role in PEOPLE:
        if username not in written:
            password = secrets.token_urlsafe(PASSWORD_BYTES)
            written[username] = {"password": password, "role": role}
    _write(written)
    for username, first_name, role in PEOPLE:
        with transaction.atomic():
            _make(username, first_name, role, written[username])
    _write(written)
    forget_names()
    return demo_logins()


def _make(username: str, first_name: str, role: str, login: dict[str, str]) -> None:
    user, made = User.objects.get_or_create(username=username, defaults={"first_name": first_name})
    if not made and not DemoAccount.objects.filter(user=user).exists():
        return  # somebody real has this name: leave the account alone
    DemoAccount.objects.get_or_create(user=user)
    password = login["password"]
    # To check a password takes a quarter of a second, on purpose, and the shop opens meanwhile.
    if login.get("checked") != _together(password, user):
        if made or not user.check_password(password):
            user.set_password(password)
        login["checked"] = _together(password, user)
    user.save()
    user.groups.set([Group.objects.get(name=role)])


def _together(password: str, user: User) -> str:
    """Says that this password of the file was found to be this one of the database."""
    return hashlib.sha256(f"{password} {user.password}".encode()).hexdigest()


def _written() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(logins_file().read_text())
    except FileNotFoundError:
        return {}
    return found


def _write(logins: dict[str, Any]) -> None:
    """Replace the file at once; nobody ever reads half of it, and nobody else reads it at all."""
    beside = logins_file().with_suffix(f".{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(logins, file, indent=2)
    beside.replace(logins_file())

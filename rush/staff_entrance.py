"""Lets the simulated staff in: reads who works here, and logs them in as they would themselves.

The file is the shop's own `demo_logins.json` or one of the same shape: a password for each name,
or a list of objects with `username`, `password` and perhaps `role`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from rush.browser import Browser, Street

ROLES = {"bao": "barista", "casey": "cashier", "ada": "manager"}
"""What the demo accounts do; other names say it themselves, in their `role`."""


class NobodyToWork(Exception):
    """The shop's staff is unknown, or it was not let in."""


@dataclass(frozen=True)
class Login:
    """One staff account."""

    username: str
    password: str
    role: str


def read_logins(file: Path) -> list[Login]:
    """The accounts in the file; raises `NobodyToWork`."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as missing:
        raise NobodyToWork(
            f"No staff logins in {file}: is the shop running in demo mode? ({missing})"
        ) from missing
    entries = told.items() if isinstance(told, dict) else enumerate(told)
    logins = []
    for name, entry in entries:
        if isinstance(entry, str):
            entry = {"password": entry}
        username = str(entry.get("username", name))
        role = str(entry.get("role", ROLES.get(username, "")))
        logins.append(Login(username, str(entry["password"]), role))
    return logins


def those_who(role: str, logins: list[Login]) -> list[Login]:
    """The accounts of that role; raises `NobodyToWork`."""
    found = [login for login in logins if login.role == role]
    if not found:
        raise NobodyToWork(f"Nobody among the staff is a {role}.")
    return found


async def let_in(street: Street, login: Login, page: str) -> Browser:
    """A browser that is logged in and has that page open; raises `NobodyToWork`."""
    browser = Browser(street)
    asked = await browser.open(f"/staff/login/?next={page}")
    form = asked.page.form(ending="/staff/login/")
    answer = await browser.submit(form, {"username": login.username, "password": login.password})
    if answer.status not in {302, 303}:
        raise NobodyToWork(f"{login.username} was not let in ({answer.status}).")
    opened = await browser.open(page)
    if opened.status != 200:
        raise NobodyToWork(f"{login.username} may not open {page} ({opened.status}).")
    return browser

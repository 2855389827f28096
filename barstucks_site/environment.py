"""Reading the environment: every value has a working default, a bad one fails with a sentence.

Knows names, kinds and bounds of values, and nothing of what Django does with them. Each variable
may also be given as NAME_FILE, the path of a file that holds the value (Docker secrets).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from barstucks_site.admission.token_bucket import EXAMPLE, Limit, NoLimit, limit_in
from orders.domain.limits import whole_number


class BadSetting(ImproperlyConfigured):
    """A setting cannot be used. Its text is one sentence that says which and what to write."""


class Environment:
    """Typed reading of one mapping of variables. Every method raises `BadSetting`."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = FileAwareMapping(env=variables, cache=False)

    def text(self, name: str, default: str = "") -> str:
        """Any text; an empty value counts as not given."""
        try:
            return str(self._variables.get(name, "")).strip() or default
        except OSError as wrong:
            raise BadSetting(f"{name}_FILE names a file that cannot be read: {wrong}.") from wrong

    def whole_number(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        written = self.text(name, str(default))
        number = whole_number(written, digits=len(str(high)))
        if number is None or not low <= number <= high:
            raise BadSetting(
                f"{name} is {written!r}, but must be a whole number from {low} to {high}."
            )
        return number

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """One of the listed words."""
        written = self.text(name, default)
        if written not in choices:
            raise BadSetting(f"{name} is {written!r}, but must be one of: {', '.join(choices)}.")
        return written

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """A list, separated by commas."""
        written = self.text(name, ",".join(default))
        return [word.strip() for word in written.split(",") if word.strip()]

    def origins(self, name: str) -> list[str]:
        """Web origins: scheme, host and port, nothing behind them."""
        origins = self.words(name)
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
                raise BadSetting(
                    f"{name} contains {origin!r}, but each origin must read like "
                    "https://coffee.example.org, without a path."
                )
        return origins

    def address(self, name: str, default: str, schemes: Sequence[str]) -> str:
        """A URL with one of these schemes."""
        written = self.text(name, default)
        if urlsplit(written).scheme not in schemes or "://" not in written:
            wanted = ", ".join(f"{scheme}://" for scheme in schemes)
            raise BadSetting(f"{name} must begin with one of: {wanted}")
        return written

    def database(self, name: str, default: str) -> dict[str, Any]:
        """A database URL, as Django's settings for it. Only SQLite and PostgreSQL are known."""
        written = self.address(name, default, ("sqlite", "postgres", "postgresql"))
        try:
            return dict(environ.Env.db_url_config(written))
        except (ValueError, ImproperlyConfigured) as wrong:
            raise BadSetting(
                f"{name} is not a database URL like postgres://user:password@host:5432/name."
            ) from wrong

    def limit(self, name: str, default: str) -> Limit | None:
        """A limit of requests, per address and in total; None for `off`."""
        written = self.text(name, default)
        try:
            return limit_in(written)
        except NoLimit as wrong:
            raise BadSetting(
                f"{name} is {written!r}, but must read like {EXAMPLE!r} (s, min or h), or off."
            ) from wrong

    def time_zone(self, name: str, default: str) -> str:
        """A name of the time zone database."""
        written = self.text(name, default)
        try:
            ZoneInfo(written)
        except (OSError, ValueError, KeyError) as wrong:
            raise BadSetting(
                f"{name} is {written!r}, but must be a time zone like Europe/Berlin."
            ) from wrong
        return written

    def currency(self, name: str, default: str) -> str:
        """A currency code of three capital letters (ISO 4217)."""
        written = self.text(name, default)
        if len(written) != 3 or not written.isascii() or not written.isupper():
            raise BadSetting(f"{name} is {written!r}, but must be three capitals like EUR.")
        return written

    def directory(self, name: str, default: Path) -> Path:
        """An absolute path of a directory, which need not exist yet."""
        path = Path(self.text(name, str(default))).expanduser().absolute()
        if path.exists() and not path.is_dir():
            raise BadSetting(f"{name} is {str(path)!r}, which is not a directory.")
        return path

"""Accounts: made once, readable by a person, private, and nobody else gets in."""

import base64
import json
import stat
from pathlib import Path

import pytest

from embedded_eventstore.access import accounts
from embedded_eventstore.access.accounts import Accounts, OpenToAll, UnusableAccountsError

PASSWORD = "a-long-enough-password"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def write(directory: Path, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (directory / accounts.FILE_NAME).write_text(text)


def test_the_first_start_makes_two_accounts_with_random_passwords(tmp_path: Path) -> None:
    known = Accounts(tmp_path)
    written = json.loads((tmp_path / accounts.FILE_NAME).read_text())

    assert written.keys() == {"admin", "application"}
    assert written["admin"]["roles"] == ["$admins"]
    assert written["application"]["roles"] == []
    assert len({account["password"] for account in written.values()}) == 2
    assert all(len(account["password"]) == 43 for account in written.values())
    admin = known.authenticate(basic("admin", written["admin"]["password"]))
    application = known.authenticate(basic("application", written["application"]["password"]))
    assert admin is not None
    assert application is not None
    assert admin.is_admin
    assert not application.is_admin


def test_the_file_is_private_alone_and_stays(tmp_path: Path) -> None:
    Accounts(tmp_path)
    path = tmp_path / accounts.FILE_NAME
    before = path.read_bytes()
    path.chmod(0o644)
    Accounts(tmp_path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == [accounts.FILE_NAME]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic aGVsbG8",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Basic \N{LATIN SMALL LETTER E WITH ACUTE}",
        f"Bearer {PASSWORD}",
        basic("person", ""),
        basic("person", PASSWORD + "x"),
        basic("person", PASSWORD[:-1]),
        basic("Person", PASSWORD),
        basic("other", PASSWORD),
        basic("", PASSWORD),
    ],
)
def test_nobody_gets_in_with_anything_else(tmp_path: Path, header: str | None) -> None:
    write(tmp_path, {"person": {"password": PASSWORD, "roles": []}})
    known = Accounts(tmp_path)

    assert known.authenticate(header) is None
    assert known.authenticate(basic("person", PASSWORD)) is not None


def test_the_word_basic_may_be_written_either_way(tmp_path: Path) -> None:
    write(tmp_path, {"person": {"password": PASSWORD, "roles": ["$admins", "baristas"]}})
    account = Accounts(tmp_path).authenticate(basic("person", PASSWORD).replace("Basic", "basic"))

    assert account == accounts.Account("person", frozenset({"$admins", "baristas"}))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not JSON"),
        ([], "not a JSON object"),
        ({}, "not a JSON object"),
        ({"a": PASSWORD}, "needs a password"),
        ({"a": {"password": 7, "roles": []}}, "needs a password"),
        ({"a": {"password": PASSWORD, "roles": [7]}}, "needs a password"),
        ({"a": {"password": "too short", "roles": []}}, "letters, digits"),
        ({"a": {"password": "short", "roles": []}}, "at least 16"),
        ({"a@b": {"password": PASSWORD, "roles": []}}, "letters, digits"),
    ],
)
def test_a_file_that_makes_no_sense_stops_the_start(
    tmp_path: Path, content: object, complaint: str
) -> None:
    write(tmp_path, content)
    with pytest.raises(UnusableAccountsError, match=complaint) as refused:
        Accounts(tmp_path)
    assert PASSWORD not in str(refused.value)


def test_an_open_server_asks_nobody() -> None:
    account = OpenToAll().authenticate("whatever")
    assert account is not None
    assert account.is_admin

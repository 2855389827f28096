"""The shop's own account: made through KurrentDB's user API, with the rights it needs."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from orders.event_store import EventStore, EventStoreError, NewStoredEvent
from orders.event_store.log_address import LogAddress
from orders.event_store.own_account import (
    ALL_METADATA,
    SETTINGS,
    NoAccount,
    give_rights,
    make_account,
)
from tests.eventstore_fixture import start_eventstore

ADMIN_PASSWORD = "the administrator's"
STREAM = f"order-{uuid4().hex}"


class UserApi(ThreadingHTTPServer):
    """KurrentDB's users over HTTP, as its documentation describes them, in memory."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), UserRequest)
        self.passwords = {"admin": ADMIN_PASSWORD}
        self.changes: list[str] = []
        self.without_a_leader = 0  # so many requests are answered with 503 first


class UserRequest(BaseHTTPRequestHandler):
    server: UserApi

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        pass

    def _user(self) -> str | None:
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        name, _, password = b64decode(encoded).decode().partition(":")
        assert scheme == "Basic"
        return name if self.server.passwords.get(name) == password else None

    def do_GET(self) -> None:
        user = self._user()
        self._answer(200 if user and self.path == "/users/$current" else 401)

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.without_a_leader:
            self.server.without_a_leader -= 1
            self._answer(503)
        elif self._user() != "admin":
            self._answer(401)
        elif self.path == "/users/":
            self._create(sent)
        else:
            name = self.path.split("/")[2]
            assert self.path.endswith("/command/reset-password")
            self.server.passwords[name] = sent["newPassword"]
            self.server.changes.append(f"reset {name}")
            self._answer(200)

    def _create(self, sent: dict[str, Any]) -> None:
        name = sent["loginName"]
        if name in self.server.passwords:
            self._answer(409)
            return
        assert sent["groups"] == []
        self.server.passwords[name] = sent["password"]
        self.server.changes.append(f"created {name}")
        self._answer(201)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def users() -> Iterator[UserApi]:
    server = UserApi()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def address(users: UserApi, password: str = "its own") -> LogAddress:  # noqa: S107 - a test's
    port = users.server_address[1]
    return LogAddress.read(f"esdb://barstucks:{password}@127.0.0.1:{port}?Tls=false")


def test_a_user_is_made_once_and_then_left_alone(users: UserApi) -> None:
    users.without_a_leader = 2
    pauses: list[float] = []

    first = make_account(address(users), ADMIN_PASSWORD, sleep=pauses.append)
    second = make_account(address(users), ADMIN_PASSWORD, sleep=pauses.append)

    assert first == "barstucks is a user of the log now."
    assert second == "barstucks has this password already."
    assert users.passwords["barstucks"] == "its own"
    assert users.changes == ["created barstucks"]
    assert len(pauses) == 2


def test_another_password_is_given_to_the_user_that_is_there(users: UserApi) -> None:
    make_account(address(users), ADMIN_PASSWORD)

    make_account(address(users, "a newer one"), ADMIN_PASSWORD)

    assert users.passwords["barstucks"] == "a newer one"
    assert users.changes == ["created barstucks", "reset barstucks"]


def test_a_wrong_password_of_the_administrator_is_said_in_a_sentence(users: UserApi) -> None:
    with pytest.raises(
        NoAccount, match="does not take what its administrator says: it answered 401"
    ):
        make_account(address(users), "wrong", sleep=lambda _: None)


def test_a_log_that_does_not_answer_is_said_in_a_sentence(users: UserApi) -> None:
    away = LogAddress.read("esdb://barstucks:its@127.0.0.1:1?Tls=false")

    with pytest.raises(NoAccount, match="does not take what its administrator says"):
        make_account(away, ADMIN_PASSWORD, sleep=lambda _: None)


def test_an_address_is_taken_apart_and_put_together_for_another_user(tmp_path: Path) -> None:
    uri = "esdb://barstucks:ab@10.0.0.1:2113,10.0.0.2:2113?Tls=true&NodePreference=leader"

    read = LogAddress.read(uri)

    assert read.hosts == ("10.0.0.1:2113", "10.0.0.2:2113")
    assert read.of("admin", "cd") == uri.replace("barstucks:ab", "admin:cd")
    with pytest.raises(NoAccount, match="names no user and password"):
        make_account(LogAddress.read("esdb://10.0.0.1:2113"), ADMIN_PASSWORD)


@pytest.fixture
def log_of_others(tmp_path: Path) -> Iterator[str]:
    """The shop's address of a closed log with another user, neither of them with a role."""
    accounts = {
        name: {"password": letter * 16, "roles": roles}
        for name, letter, roles in (
            ("admin", "a", ["$admins"]),
            ("application", "b", []),
            ("stranger", "c", []),
        )
    }
    (tmp_path / "accounts.json").write_text(json.dumps(accounts))
    server = start_eventstore(tmp_path, closed=True)
    yield server.uri
    server.stop()


def new(type_name: str = "Thing", data: bytes = b"{}") -> NewStoredEvent:
    return NewStoredEvent(event_id=uuid4(), type_name=type_name, data=data, metadata=b"{}")


def test_the_shop_may_then_do_its_work_and_nobody_else_reads_along(log_of_others: str) -> None:
    address = LogAddress.read(log_of_others)
    shop, stranger, admin = (
        EventStore(log_of_others),
        EventStore(address.of("stranger", "c" * 16)),
        EventStore(address.of("admin", "a" * 16)),
    )

    done = give_rights(address, "a" * 16)
    again = give_rights(address, "a" * 16)

    position = shop.append(STREAM, None, [new()])
    assert [event.position for event in shop.read_all()] == [position]
    assert len(shop.read_stream(STREAM)) == 1
    for refused in (
        lambda: stranger.read_stream(STREAM),
        lambda: stranger.append(STREAM, 0, [new()]),
        stranger.read_all,
        lambda: shop.append(f"$${STREAM}", None, [new("$metadata", b'{"$tb": 1}')]),
        lambda: shop.append(SETTINGS, 0, [new()]),
    ):
        with pytest.raises(EventStoreError):
            refused()
    assert len(done) == 2
    assert again == []
    assert len(admin.read_stream(SETTINGS)) == len(admin.read_stream(ALL_METADATA)) == 1
    for store in (shop, stranger, admin):
        store.close()


def test_whom_an_administrator_let_in_besides_is_not_sent_away(log_of_others: str) -> None:
    address = LogAddress.read(log_of_others)
    admin = EventStore(address.of("admin", "a" * 16))
    reader = {"$userStreamAcl": {"$r": "stranger", "$d": []}, "$systemStreamAcl": {"$r": "x"}}
    admin.append(SETTINGS, None, [new("update-default-acl", json.dumps(reader).encode())])

    give_rights(address, "a" * 16)

    says = json.loads(admin.read_stream(SETTINGS)[-1].data)
    assert says["$systemStreamAcl"] == {"$r": "x"}
    assert says["$userStreamAcl"]["$r"] == ["stranger", "$admins", "application"]
    assert says["$userStreamAcl"]["$d"] == ["$admins"]
    assert len(admin.read_stream(SETTINGS)) == 2
    admin.close()


def test_without_the_administrators_password_no_right_is_given(log_of_others: str) -> None:
    with pytest.raises(NoAccount, match="The rights could not be written"):
        give_rights(LogAddress.read(log_of_others), "wrong" * 4)

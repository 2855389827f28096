"""Limits of connections: their number, and deadlines that a slow client cannot push back."""

from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from barstucks_site.web_server.http_channel import (
    BODY_SECONDS,
    HEADER_SECONDS,
    MOST_PER_ADDRESS,
    ConnectionLimit,
    LimitedChannel,
)


class Connection:
    """A connection on a clock of the test."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.transport: Any = StringTransport()  # type: ignore[no-untyped-call]
        self.channel: Any = LimitedChannel()
        self.channel.callLater = self.clock.callLater
        self.channel.timeOut = 60
        server = SimpleNamespace(closing=False, protocol_connected=lambda _request: None)
        self.channel.factory = SimpleNamespace(
            server=server, connection_limit=ConnectionLimit(most=10, per_address=None)
        )
        self.channel.makeConnection(self.transport)

    def send_slowly(self, what: bytes, seconds: float) -> None:
        """Send byte after byte, one a second."""
        for at in range(int(seconds)):
            self.channel.dataReceived(what[at : at + 1] or b"x")
            self.clock.advance(1)

    @property
    def cut(self) -> bool:
        return bool(self.transport.disconnecting or self.transport.disconnected)


@pytest.fixture
def connection() -> Connection:
    return Connection()


def test_a_client_whose_headers_come_slowly_is_cut_off(connection: Connection) -> None:
    connection.send_slowly(b"GET / HTTP/1.1\r\nX: yyyyyyyyyyyyyyyyyy", HEADER_SECONDS - 1)
    patient = connection.cut
    connection.send_slowly(b"zz", 2)

    assert (patient, connection.cut) == (False, True)


def test_a_client_that_says_nothing_is_cut_off(connection: Connection) -> None:
    connection.clock.advance(HEADER_SECONDS + 0.1)

    assert connection.cut


def test_a_client_whose_body_comes_slowly_is_cut_off(connection: Connection) -> None:
    connection.channel.dataReceived(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    )
    connection.send_slowly(b"x" * 100, BODY_SECONDS - 1)
    patient = connection.cut
    connection.send_slowly(b"xx", 2)

    assert (patient, connection.cut) == (False, True)


def test_one_address_may_not_take_all_connections() -> None:
    limit = ConnectionLimit(most=1000, per_address=MOST_PER_ADDRESS)

    let_in = [limit.admit("203.0.113.5", port) for port in range(MOST_PER_ADDRESS + 1)]

    assert let_in.count(False) == 1
    assert limit.admit("203.0.113.6", 1)


def test_a_connection_leaves_once_however_often_it_says_so() -> None:
    limit = ConnectionLimit(most=2, per_address=None)
    assert [limit.admit("a", 1), limit.admit("a", 2), limit.admit("a", 3)] == [True, True, False]

    limit.release("a", 1)
    limit.release("a", 1)

    assert limit.count == 1
    assert limit.admit("a", 3)


def test_this_machine_is_only_counted() -> None:
    limit = ConnectionLimit(most=1000, per_address=1)

    assert limit.admit("127.0.0.1", 1)
    assert limit.admit("127.0.0.1", 2)

"""Slow clients, on a clock of our own: deadlines that a dripping client cannot push back."""

from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from barstucks_site.web_server.http_channel import HEADER_SECONDS, Doorkeeper, LimitedChannel
from barstucks_site.web_server.request_body import BODY_SECONDS


class Line:
    """One connection whose time is ours."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.transport: Any = StringTransport()  # type: ignore[no-untyped-call]
        self.channel: Any = LimitedChannel()
        self.channel.callLater = self.clock.callLater
        self.channel.timeOut = 60
        server = SimpleNamespace(closing=False, protocol_connected=lambda _request: None)
        self.channel.factory = SimpleNamespace(
            server=server, doorkeeper=Doorkeeper(most=10, per_address=None)
        )
        self.channel.makeConnection(self.transport)

    def drip(self, what: bytes, seconds: float) -> None:
        """Send byte after byte, one a second."""
        for at in range(int(seconds)):
            self.channel.dataReceived(what[at : at + 1] or b"x")
            self.clock.advance(1)

    @property
    def cut(self) -> bool:
        return bool(self.transport.disconnecting or self.transport.disconnected)


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_client_that_drips_its_headers_is_cut_off(line: Line) -> None:
    line.drip(b"GET / HTTP/1.1\r\nX: yyyyyyyyyyyyyyyyyy", HEADER_SECONDS - 1)
    patient = line.cut
    line.drip(b"zz", 2)

    assert (patient, line.cut) == (False, True)


def test_a_client_that_says_nothing_is_cut_off(line: Line) -> None:
    line.clock.advance(HEADER_SECONDS + 0.1)

    assert line.cut


def test_a_client_that_drips_its_body_is_cut_off(line: Line) -> None:
    line.channel.dataReceived(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
    line.drip(b"x" * 100, BODY_SECONDS - 1)
    patient = line.cut
    line.drip(b"xx", 2)

    assert (patient, line.cut) == (False, True)

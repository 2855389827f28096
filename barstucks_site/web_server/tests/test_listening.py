"""Ports: taken ones are refused in a sentence, free ones are found."""

import random
import socket

import pytest

from barstucks_site.web_server import listening
from barstucks_site.web_server.listening import HIGHEST, LOWEST, free_port, listen, refusal


def test_a_port_in_use_is_refused_with_a_way_out() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use") as refused:
            listen("127.0.0.1", port)

    assert "is in use by another program" in refusal("127.0.0.1", port, refused.value)
    assert "--port 0" in refusal("127.0.0.1", port, refused.value)


def test_a_free_port_lies_outside_the_systems_own_range() -> None:
    assert LOWEST <= free_port() <= HIGHEST


def test_two_ports_of_one_process_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([LOWEST, LOWEST, LOWEST + 1])
    monkeypatch.setattr(random, "randint", lambda _low, _high: next(drawn))
    monkeypatch.setattr(listening, "listen", lambda _host, _port: socket.socket())
    first = free_port()
    assert free_port(besides=first) != first

"""The supervisor's port, asked over a socket between two looks at the children."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from barstucks_site.supervisor.live_port import LivePort

CHILDREN: dict[str, Mapping[str, Any]] = {"web": {"alive": True}, "reactor": {"alive": True}}


@pytest.fixture
def children() -> dict[str, Mapping[str, Any]]:
    return dict(CHILDREN)


@pytest.fixture
def live_port(children: dict[str, Mapping[str, Any]]) -> Iterator[LivePort]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = LivePort(listening, lambda: children)
        ending = threading.Event()

        def serve() -> None:
            while not ending.is_set():
                port.serve(0.05)

        thread = threading.Thread(target=serve)
        thread.start()
        yield port
        ending.set()
        thread.join()


def test_livez_says_that_every_child_lives(live_port: LivePort) -> None:
    response = httpx.get(f"{live_port.url}livez", trust_env=False)

    assert response.status_code == httpx.codes.OK
    assert response.json() == {"alive": True, "parts": CHILDREN}
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_livez_is_503_while_a_child_is_dead(
    live_port: LivePort, children: dict[str, Mapping[str, Any]]
) -> None:
    children["reactor"] = {"alive": False}

    response = httpx.get(f"{live_port.url}livez", trust_env=False)

    assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert json.loads(response.text)["parts"]["reactor"] == {"alive": False}


def test_there_is_nothing_else_on_that_port(live_port: LivePort) -> None:
    assert httpx.get(f"{live_port.url}run.json", trust_env=False).status_code == 404
    assert httpx.post(f"{live_port.url}livez", trust_env=False).status_code == 404


def connect(live_port: LivePort) -> socket.socket:
    address = httpx.URL(live_port.url)
    return socket.create_connection((address.host, address.port or 0), timeout=10)


def test_a_client_that_takes_its_time_is_answered(live_port: LivePort) -> None:
    with connect(live_port) as slow:
        for piece in (b"GET /li", b"vez HTTP/1.1\r\n", b"Host: here\r\n\r\n"):
            slow.sendall(piece)
            time.sleep(0.3)
        response = slow.recv(100)

    assert response.startswith(b"HTTP/1.1 200 OK")


def test_nobody_waits_for_a_client_that_says_nothing(live_port: LivePort) -> None:
    with connect(live_port) as silent:
        silent.sendall(b"GET /li")
        response = httpx.get(f"{live_port.url}livez", trust_env=False)

    assert response.status_code == httpx.codes.OK


def test_the_client_that_was_there_longest_goes_for_one_too_many(
    live_port: LivePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("barstucks_site.supervisor.live_port.MOST_CLIENTS", 2)
    with connect(live_port) as first, connect(live_port) as second:
        response = httpx.get(f"{live_port.url}livez", trust_env=False)
        closed = first.recv(1)
        second.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
        kept = second.recv(100)

    assert response.status_code == httpx.codes.OK
    assert closed == b""
    assert kept.startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_never_asks_is_hung_up_on(
    live_port: LivePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("barstucks_site.supervisor.live_port.CLIENT_SECONDS", 0.1)
    with connect(live_port) as silent:
        assert silent.recv(1) == b""

"""The web server as a client sees it: limits, frames, and its shutdown."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from barstucks_site.web_server.asgi_request import LARGEST_BODY
from barstucks_site.web_server.listening import free_port
from barstucks_site.web_server.tests import small_site


class Running:
    """The small site in a process of its own."""

    def __init__(self, var: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", small_site.__name__, str(self.port)],
            env=os.environ
            | {"BARSTUCKS_VAR": str(var), "DJANGO_SETTINGS_MODULE": "barstucks_site.settings"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def socket(self) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}/")

    def send_raw(self, *parts: bytes) -> bytes:
        """Send bytes over a connection; all that comes back until it is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            for part in parts:
                line.sendall(part)
            return b"".join(iter(lambda: _received(line), b""))

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _send_until_closed(line: ClientConnection) -> None:
    for _ in range(200):
        line.send("more")
    line.recv(10)


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(65536)
    except ConnectionResetError:
        return b""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    site = Running(tmp_path)
    yield site
    site.stop()
    assert site.process.stdout is not None
    site.process.stdout.close()


def test_a_page_is_served_without_naming_the_server(running: Running) -> None:
    response = httpx.get(f"{running.url}/stream/")

    assert response.text == "drip drip drop"
    assert "server" not in response.headers


def test_a_body_is_refused_by_its_declared_length_alone(running: Running) -> None:
    received = running.send_raw(
        b"POST /echo/ HTTP/1.1\r\nHost: localhost\r\n",
        b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1),
    )

    assert received.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("length", [b"Content-Length: 9999999", b"Transfer-Encoding: chunked"])
def test_a_program_is_refused_in_json(running: Running, length: bytes) -> None:
    part = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    head = b"POST /api/orders/ HTTP/1.1\r\nHost: localhost\r\n" + length + b"\r\n\r\n"

    received = running.send_raw(head, part * 5 if b"chunked" in length else b"")

    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"Content-Type: application/problem+json\r\n" in received
    body = json.loads(received.partition(b"\r\n\r\n")[2])
    assert (body["status"], body["code"]) == (413, "too_large")


def test_browsers_guess_the_type_of_no_response(running: Running) -> None:
    for response in (
        httpx.get(f"{running.url}/echo/", trust_env=False),
        httpx.get(f"{running.url}/nowhere/", trust_env=False),
        httpx.get(f"{running.url}/broken/", trust_env=False),
        httpx.request("TRACE", f"{running.url}/echo/", trust_env=False),
    ):
        assert response.headers.get_list("X-Content-Type-Options") == ["nosniff"], response
    for refused in (
        b"POST /echo/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n",
        b"GET /echo/ HTTP/1.1\r\n\r\n",
    ):
        assert b"X-Content-Type-Options: nosniff" in running.send_raw(refused)


def test_a_chunked_body_is_cut_off_at_the_limit(running: Running) -> None:
    part = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"

    received = running.send_raw(
        b"POST /echo/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", part * 5
    )

    assert received.startswith(b"HTTP/1.1 413 ")
    assert received.count(b"HTTP/1.1") == 1


def test_after_a_refused_body_the_server_serves_on(running: Running) -> None:
    refused = httpx.post(f"{running.url}/echo/", content=b"x" * 200_000)
    response = httpx.post(f"{running.url}/echo/", content=b"latte")

    assert (refused.status_code, response.text) == (413, "latte")


HOST = b"Host: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
AMBIGUOUS = (
    b"POST /echo/ HTTP/1.1\r\n" + HOST + CHUNKED * 2,
    b"POST /echo/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity\r\n" + CHUNKED,
    b"POST /echo/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity\r\n",
    b"POST /echo/ HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, chunked\r\n",
    b"POST /echo/ HTTP/1.1\r\n" + HOST + CHUNKED + b"Content-Length: 4\r\n",
    b"POST /echo/ HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n" + CHUNKED,
    b"POST /echo/ HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n" * 2,
    b"POST /echo/ HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"4" * 5_000 + b"\r\n",
    b"POST /echo/ HTTP/1.0\r\n" + HOST + CHUNKED,
    b"GET /echo/ HTTP/1.1\r\n",
    b"GET /echo/ HTTP/1.1\r\n" + HOST * 2,
    b"GET /echo/ HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n",
    b"GET /echo/ HTTP/1.1\r\n" + HOST + b"X-Long: " + b"x" * 20_000 + b"\r\n",
    b"GET /echo/ HTTP/1.1\r\n" + HOST + b"no colon\r\nMore: of it\r\n",
)


def test_a_request_that_can_be_read_in_two_ways_is_refused(running: Running) -> None:
    for head in AMBIGUOUS:
        received = running.send_raw(head + b"\r\n4\r\nmilk\r\n0\r\n\r\n")
        assert received.startswith(b"HTTP/1.1 400 "), (head[:120], received)
        assert received.count(b"HTTP/1.1 ") == 1, head[:120]
        assert b"Content-Type: text/plain" in received, head[:120]


def test_an_old_client_needs_no_host(running: Running) -> None:
    assert b"200 OK" in running.send_raw(b"GET /stream/ HTTP/1.0\r\n\r\n")


def test_nobody_moves_the_site_with_a_header(running: Running) -> None:
    for value in ("/moved", "/caf\u00e9"):
        response = httpx.get(
            f"{running.url}/echo/", headers=[(b"Daphne-Root-Path", value.encode("latin1"))]
        )
        assert (response.status_code, response.headers["x-path"]) == (200, "/echo/")


def test_one_connection_serves_many_requests(running: Running) -> None:
    with httpx.Client() as client:
        responses = [client.post(f"{running.url}/echo/", content=b"x").text for _ in range(20)]

    assert responses == ["x"] * 20


def test_a_frame_is_prepared_once_and_written_to_a_socket(running: Running) -> None:
    with running.socket() as line:
        line.send("flood")
        received = [line.recv(5), line.recv(5)]
        line.send("how much waits?")
        received.append(line.recv(5))

    assert received == ["frame ☕", "frame ☕", "0"]


def test_a_client_that_sends_faster_than_it_is_read_is_closed(running: Running) -> None:
    with running.socket() as line:
        line.send("sleep")
        with pytest.raises(ConnectionClosed) as closed:
            _send_until_closed(line)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def test_a_message_over_the_limit_closes_the_socket(running: Running) -> None:
    with running.socket() as line:
        line.send("x" * 5000)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(10)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_on_sigterm_requests_finish_and_websockets_are_asked_to_reconnect(running: Running) -> None:
    with running.socket() as line, ThreadPoolExecutor(1) as pool:
        pending = pool.submit(httpx.get, f"{running.url}/slow/")
        time.sleep(0.4)  # the slow view takes a second: now it is under way

        running.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(10)
        response = pending.result(10)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert response.text == "at last"
    assert response.headers["connection"] == "close"
    assert running.process.wait(15) == 0


def test_a_half_sent_request_does_not_keep_a_server_from_stopping(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port)) as line:
        line.sendall(b"GET /echo/ HT")

        assert running.stop() == 0

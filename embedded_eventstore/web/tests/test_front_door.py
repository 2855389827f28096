"""The gRPC port tells a browser where the page is, and is for all others what it was."""

import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess, run_server
from embedded_eventstore.web.tests.web_client import WebClient

WITH_PAGE = ("--http-port", "0")


def said_by(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as raw:
        raw.sendall(request)
        received = b""
        while chunk := raw.recv(10_000):
            received += chunk
    return received


@pytest.mark.parametrize(
    "request_line", ["GET / HTTP/1.1", "POST /streams/order-1 HTTP/1.1", "HEAD / HTTP/1.0"]
)
def test_plain_http_is_told_where_the_page_is(
    open_server: ServerProcess, web: WebClient, request_line: str
) -> None:
    said = said_by(open_server.port, f"{request_line}\r\nHost: localhost\r\n\r\n".encode())

    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 421 Misdirected Request\r\n")
    assert web.address.encode() in body
    assert f"Content-Length: {len(body)}\r\n".encode() in head


def test_also_before_a_closed_server(secured_server: ServerProcess, secured_web: WebClient) -> None:
    said = said_by(secured_server.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert secured_web.address.encode() in said
    with EventStoreDBClient(secured_server.uri_for("admin")) as client:
        client.append_event(
            f"s-{uuid4()}", current_version=StreamState.NO_STREAM, event=given.an_event()
        )


def test_a_method_that_comes_in_pieces_is_one(open_server: ServerProcess, web: WebClient) -> None:
    with socket.create_connection(("127.0.0.1", open_server.port), 10) as raw:
        raw.sendall(b"GE")
        time.sleep(0.05)
        raw.sendall(b"T / HTTP/1.1\r\n\r\n")
        assert raw.recv(10_000).startswith(b"HTTP/1.1 421")


@pytest.fixture
def client(open_server: ServerProcess) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(open_server.uri) as connected:
        yield connected


def test_large_appends_and_reads_pass_unharmed(client: EventStoreDBClient) -> None:
    stream = f"s-{uuid4()}"
    data = [os.urandom(900_000) for _ in range(20)]
    for each in data:
        client.append_event(
            stream, current_version=StreamState.ANY, event=NewEvent(type="T", data=each)
        )

    assert [event.data for event in client.get_stream(stream)] == data


def test_many_at_once_pass_unharmed(open_server: ServerProcess) -> None:
    stream = f"s-{uuid4()}"

    def write(number: int) -> None:
        with EventStoreDBClient(open_server.uri) as own:
            for _ in range(50):
                own.append_event(
                    f"{stream}-{number}", current_version=StreamState.ANY, event=given.an_event()
                )

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with EventStoreDBClient(open_server.uri) as reader:
        assert {len(reader.get_stream(f"{stream}-{number}")) for number in range(8)} == {50}


def test_who_does_not_read_holds_up_nobody_and_fills_no_memory(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "log", 0, *WITH_PAGE) as server,
        EventStoreDBClient(server.uri) as client,
        ExitStack() as stack,
    ):
        for _ in range(100):
            event = NewEvent(type="T", data=b"x" * 900_000)
            client.append_event("s-1", current_version=StreamState.ANY, event=event)
        before = resident_bytes(server)
        for _ in range(4):
            slow = stack.enter_context(EventStoreDBClient(server.uri))
            next(slow.subscribe_to_stream("s-1"))
        time.sleep(1)
        grown = resident_bytes(server) - before
        began = time.monotonic()
        client.append_event("s-2", current_version=StreamState.ANY, event=given.an_event())

        assert time.monotonic() - began < 5
        assert grown < 100_000_000


def resident_bytes(server: ServerProcess) -> int:
    status = Path(f"/proc/{server.process.pid}/statm").read_text()
    return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_client_that_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log", 0, *WITH_PAGE) as server:
        began = open_files(server)
        for reset in (False, True):
            raw = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(10)]
            for each in raw:
                each.sendall(
                    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
                )
                assert each.recv(1000)
            assert open_files(server) >= began + 30
            for each in raw:
                if reset:
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.close()
            deadline = time.monotonic() + 10
            while open_files(server) > began + 5 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert open_files(server) <= began + 5
        assert server.stop() == 0


def open_files(server: ServerProcess) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_it_ends_orderly_with_clients_that_follow(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log", 0, *WITH_PAGE) as server:
        with EventStoreDBClient(server.uri) as client:
            client.append_event("s-1", current_version=StreamState.ANY, event=given.an_event())
            following = client.subscribe_to_all()
            next(following)
            idle = socket.create_connection(("127.0.0.1", server.port), 5)
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 5
            idle.close()
        assert server.process.stderr is not None
        assert len(server.process.stderr.read().splitlines()) == 1


def test_a_taken_port_is_said_to_be_taken(open_server: ServerProcess, tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path / "log"), "--insecure", *WITH_PAGE)
    with run_server(*arguments, "--port", str(open_server.port)) as process:
        _, complaint = process.communicate(timeout=20)

    assert process.returncode == 69
    assert f"Cannot listen on 127.0.0.1:{open_server.port}" in complaint


def test_every_address_means_both_kinds(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path / "log"), "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    with run_server(*arguments, *WITH_PAGE) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().strip().rpartition(":")[2])
            for address in ("127.0.0.1", "::1"):
                with socket.create_connection((address, port), 5) as raw:
                    raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    assert raw.recv(1000).startswith(b"HTTP/1.1 421")
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert process.returncode == 0

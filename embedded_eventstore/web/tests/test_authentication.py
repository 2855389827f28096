"""Who gets in, with which methods, under which name, and how much of it."""

import base64
import socket
import ssl
from contextlib import ExitStack

import pytest

from embedded_eventstore.client_library import EventStoreDBClient, StreamState
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.web import http_server
from embedded_eventstore.web.tests.web_client import WebClient

PAGES = ("/", "/stats", "/gossip", "/streams/$all", "/web/", "/web/streams", "/web/style.css")


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
def test_nobody_gets_in_without_logging_in(secured_web: WebClient, path: str) -> None:
    wrong = base64.b64encode(b"admin:changeit").decode()
    for headers in ({}, {"authorization": f"Basic {wrong}"}, {"authorization": "Bearer x"}):
        response = secured_web.get(path, **headers)

        assert response.status == 401
        assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", PAGES)
def test_an_account_gets_in(secured_web: WebClient, path: str) -> None:
    assert secured_web.get_as("application", path).status in (200, 302)


def test_health_ping_and_info_are_for_everybody(secured_web: WebClient) -> None:
    assert secured_web.get("/health/live").status == 204
    assert secured_web.get("/info").json["authentication"] == {"type": "internal"}
    assert secured_web.get("/ping").json == {"text": "Ping request successfully handled"}


def test_access_lists_hold_here_as_well(
    secured_web: WebClient, secured_server: ServerProcess
) -> None:
    with EventStoreDBClient(secured_server.uri_for("admin")) as admin:
        event = given.an_event()
        admin.append_to_stream("takings-1", current_version=StreamState.ANY, events=[event])
        metadata = {"$acl": {"$r": "$admins"}}
        admin.set_stream_metadata("takings-1", metadata=metadata)

    for path in ("/streams/takings-1", "/streams/takings-1/0", "/web/streams/takings-1"):
        assert secured_web.get_as("admin", path).status == 200
        assert secured_web.get_as("application", path).status == 403
    assert secured_web.get_as("application", "/streams/$settings").status == 403


def test_nothing_is_said_in_plain_text(secured_web: WebClient) -> None:
    with socket.create_connection(("127.0.0.1", secured_web.port), 5) as plain:
        plain.sendall(b"GET /info HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in plain.recv(100)
    with socket.create_connection(("127.0.0.1", secured_web.port), 5) as old:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.deprecated_call():
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError, match="SSL"):
            context.wrap_socket(old)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", ["/streams/order-1", "/web/", "/info"])
def test_it_is_for_reading_only(web: WebClient, method: str, path: str) -> None:
    response = web.get(path, method)

    assert (response.status, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("size", [5, 300_000])
@pytest.mark.parametrize("path", ["/streams/order-1", "/web/", "/info"])
def test_a_body_does_not_make_writing_another_matter(web: WebClient, path: str, size: int) -> None:
    sent = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", web.port), 10) as raw:
        raw.sendall(sent.encode() + b"x" * size)
        response = raw.recv(1000)

    assert response.split()[1:2] == [b"405"]
    assert b"Allow: GET, HEAD\r\n" in response
    assert b"Connection: close\r\n" in response


def test_head_is_get_without_the_body(web: WebClient) -> None:
    head, get = web.get("/info", "HEAD"), web.get("/info")

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:2113", "127.0.0.1.evil.com", "["])
def test_a_strange_name_does_not_lead_into_an_open_server(web: WebClient, host: str) -> None:
    assert web.get("/streams/$all", host=host).status == 421
    assert web.get("/stats", host=f"localhost:{web.port}").status == 200


@pytest.mark.parametrize("path", ["/info", "/web/", "/web/streams/none", "/nothing"])
def test_browsers_get_strict_headers(web: WebClient, path: str) -> None:
    headers = web.get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", b"413"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", b"413"),
        (b"\x16\x03\x01" + bytes(200), b"400"),
    ],
    ids=["no host", "nonsense", "not UTF-8", "long", "body", "chunks", "TLS"],
)
def test_a_bad_request_is_refused(web: WebClient, sent: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", web.port), 10) as raw:
        raw.sendall(sent)
        if status == b"400" and sent.startswith(b"\x16"):
            raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1000).split()[1:2] == [status]


def test_a_connection_is_used_again(web: WebClient) -> None:
    request = b"GET /info HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", web.port), 10) as raw:
        raw.sendall(request * 3)
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 3:
            chunk = raw.recv(10_000)
            assert chunk
            received += chunk


def test_there_is_a_limit_to_connections(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("crowd") / "log"
    with ServerProcess(data, 0, "--http-port", "0") as server, ExitStack() as stack:
        crowd = WebClient.of(server)
        for _ in range(http_server.MAX_CONNECTIONS):
            stack.enter_context(socket.create_connection(("127.0.0.1", crowd.port), 5))
        with pytest.raises(OSError, match=r"reset|closed|Remote end"):
            crowd.get("/info")
        stack.close()
        assert crowd.get("/info").status == 200
        assert server.stop() == 0

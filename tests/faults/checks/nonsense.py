"""Requests that are none, and requests that are far too large. Over raw sockets."""

import contextlib
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.faults.attack import under_attack
from tests.faults.check import Check, Figure, Progress
from tests.faults.honest_people import BEHIND_A_PROXY
from tests.faults.processes import memory_mib
from tests.shop import Shop

ANSWER_SECONDS = 0.5
"""What is no whole request is not answered before the shop gives up waiting for the rest."""

MOST_GROWTH_MIB = 50.0
GIANT_BYTES = 200 * 2**20
Nonsense = Callable[[str, random.Random], bytes]


def _post(host: str, body: bytes, path: str = "/api/orders/", *headers: str) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        *headers,
        "Connection: close",
    )
    length = () if headers else (f"Content-Length: {len(body)}",)
    return "\r\n".join((*lines, *length, "", "")).encode() + body


def _get(host: str, path: str, *headers: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "Connection: close", "", "")
    return "\r\n".join(lines).encode("latin-1", "replace")


def _order(text: str) -> bytes:
    return b'{"command_id": "%s", "items": [{"item": "espresso"}]}' % text.encode("latin-1")


NONSENSE: dict[str, Nonsense] = {
    "garbage": lambda h, c: c.randbytes(c.randint(1, 400)) + b"\r\n\r\n",
    "no host": lambda h, c: b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": lambda h, c: _get(h, "/", "Host: evil.example"),
    "a large header": lambda h, c: _get(h, "/", "X: " + "x" * 20_000),
    "many headers": lambda h, c: _get(h, "/", *(f"X-{n}: {n}" for n in range(600))),
    "length and chunks": lambda h, c: _post(
        h, b"0\r\n\r\n", "/api/orders/", "Content-Length: 5", "Transfer-Encoding: chunked"
    ),
    "chunks twice": lambda h, c: _post(
        h, b"0\r\n\r\n", "/api/orders/", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"
    ),
    "two lengths": lambda h, c: _post(
        h, b"{}", "/api/orders/", "Content-Length: 2", "Content-Length: 40"
    ),
    "a negative length": lambda h, c: _post(h, b"{}", "/api/orders/", "Content-Length: -2"),
    "bad percent": lambda h, c: _get(h, "/menu/%zz%", "Accept: text/html"),
    "a NUL": lambda h, c: _get(h, "/o/%00%00/"),
    "invalid UTF-8 in the path": lambda h, c: _get(h, "/menu/%ff%fe/"),
    "a huge query": lambda h, c: _get(h, "/?" + "a=1&" * 3_000),
    "invalid UTF-8 in JSON": lambda h, c: _post(h, b'{"name": "\xff\xfe"}'),
    "a lone surrogate": lambda h, c: _post(
        h, b'{"command_id": "x", "items": [], "name": "\\ud800"}'
    ),
    "deep JSON": lambda h, c: _post(h, b"[" * 10_000),
    "a large number": lambda h, c: _post(
        h, b'{"command_id": 1' + b"0" * 5_000 + b', "items": 1e999}'
    ),
    "not a number": lambda h, c: _post(h, b'{"items": NaN}'),
    "a key twice": lambda h, c: _post(h, _order("x")[:-1] + b', "items": []}'),
    "many items": lambda h, c: _post(
        h, b'{"command_id": "x", "items": [' + b'{"item":"espresso"},' * 2_000 + b"{}]}"
    ),
    "bad multipart": lambda h, c: _get(h, "/").replace(
        b"GET / HTTP/1.1", b"POST /orders/ HTTP/1.1\r\nContent-Type: multipart/form-data; boundary"
    ),
    "the first year": lambda h, c: _get(h, "/board/?at=0001-01-01T00:00:00%2B14:00"),
    "the last year": lambda h, c: _get(h, "/board/?at=9999-12-31T23:59:59-14:00"),
    "1970": lambda h, c: _get(h, "/board/?at=1970-01-01T00:00:00%2B23:59"),
    "an admin's address": lambda h, c: _get(h, "/inspect/r/1/1/"),
    "a strange method": lambda h, c: _get(h, "/").replace(b"GET", b"BREW"),
    "trace": lambda h, c: _get(h, "/").replace(b"GET", b"TRACE"),
    "a cookie of garbage": lambda h, c: _get(
        h, "/basket/", "Cookie: basket=" + c.randbytes(40).hex() + "; session=\x01\x02"
    ),
}


MUST_BE_REFUSED = {
    "no host",
    "two hosts",
    "length and chunks",
    "chunks twice",
    "two lengths",
    "a negative length",
    "trace",
}
"""Two servers could read these in two ways, or take them for another's."""


def malformed(shop: Shop, count: int, progress: Progress) -> Figure:
    """So many malformed requests: refused, and nothing else."""
    chance, answered, defects = random.Random(count), Counter[str](), Counter[str]()
    before = memory_mib(shop.pid("web"))

    def attack() -> tuple[str, bool]:
        names = list(NONSENSE)
        for number in range(count):
            name = names[number % len(names)]
            status = _send(shop, NONSENSE[name](urlsplit(shop.url).netloc, chance))
            answered[status[:1] + "xx" if status else "closed"] += 1
            if status[:1] == "5" or (name in MUST_BE_REFUSED and status[:1] in {"2", "3"}):
                defects[f"{status} for {name}"] += 1
            progress(number + 1)
        grown = memory_mib(shop.pid("web")) - before
        words = ", ".join(f"{n} × {status}" for status, n in sorted(answered.items()))
        text = f"{count} requests: {words}; the web grew by {grown:.0f} MiB"
        if defects:
            text += f"; {', '.join(f'{n} × {what}' for what, n in defects.most_common(4))}"
        return text, not defects and grown < MOST_GROWTH_MIB

    return under_attack(shop, attack)


def _send(shop: Shop, request: bytes) -> str:
    """The status of the response; "" if the connection was closed without one."""
    parts = urlsplit(shop.url)
    answer = b""
    with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port)) as to:
        to.settimeout(ANSWER_SECONDS)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            to.sendall(request)
        while b"\r\n" not in answer and (received := to.recv(4096)):
            answer += received
    words = answer.split(b"\r\n", 1)[0].split(b" ")
    return words[1].decode("latin-1") if len(words) > 1 else ""


def giants(shop: Shop, count: int, progress: Progress) -> Figure:
    """Bodies beyond the limit, up to 200 MB: refused before they are kept."""
    before = memory_mib(shop.pid("web"))
    taken: Counter[str] = Counter()

    def attack() -> tuple[str, bool]:
        largest = 0.0
        for number in range(count):
            size = (64 * 1024 + 1, 1_000_000, GIANT_BYTES)[number % 3]
            taken[_stream(shop, size)] += 1
            largest = max(largest, memory_mib(shop.pid("web")) - before)
            progress(number + 1)
        words = ", ".join(f"{n} × {status or 'closed'}" for status, n in sorted(taken.items()))
        text = f"{count} bodies up to 200 MB: {words}; the web grew by {largest:.0f} MiB"
        return text, set(taken) <= {"413", "400", ""} and largest < 20

    return under_attack(shop, attack)


def _stream(shop: Shop, size: int) -> str:
    """Send a body of so many bytes until it is answered or closed; the status."""
    parts = urlsplit(shop.url)
    head = _post(parts.netloc, b"", "/api/orders/", f"Content-Length: {size}")
    answer = b""
    with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port)) as to:
        to.settimeout(5)
        to.sendall(head)
        piece, sent, began = b"x" * 65_536, 0, time.monotonic()
        with contextlib.suppress(OSError):
            while sent < size and time.monotonic() - began < 5:
                to.sendall(piece[: size - sent])
                sent += len(piece)
                to.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    answer += to.recv(4096)
                to.settimeout(5)
                if answer:
                    break
        if not answer:
            answer = to.recv(4096)
    words = answer.split(b"\r\n", 1)[0].split(b" ")
    return words[1].decode("latin-1") if len(words) > 1 else ""


NONSENSE_CHECKS = [
    Check(
        name="malformed",
        fault="T16",
        goal="0 × 5xx, menu p99 < 100 ms, the web grows by < 50 MiB",
        run=malformed,
        full=10_000,
        short=200,
        environment=BEHIND_A_PROXY,
    ),
    Check(
        name="giants",
        fault="T19",
        goal="413 before it is read, menu p99 < 100 ms, the web grows by < 20 MiB",
        run=giants,
        full=60,
        short=6,
        environment=BEHIND_A_PROXY,
    ),
]

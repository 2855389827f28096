"""Hostile websockets: whoever breaks the rules is closed, and the other screens stay live."""

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

import pytest

from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

CLOSED_SECONDS = 3.0
"""How long a client may go on before it is closed, with the time to notice it."""

FLOOD_SECONDS = 5.0
FRAMES = int(os.environ.get("BARSTUCKS_FUZZ_REQUESTS", "300")) // 10
"""How many connections send broken frames."""

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
ASKS = b'{"kind":"snapshot"}'


def frame(
    opcode: int, payload: bytes = b"", *, last: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """One frame, RFC 6455 5.2, as a client sends it unless it is to be wrong."""
    head = bytes([(0x80 if last else 0) | reserved << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask_bit | len(payload)])
    else:
        head += bytes([mask_bit | 126]) + struct.pack("!H", len(payload))
    return head + (b"\0\0\0\0" if masked else b"") + payload


BROKEN: dict[str, bytes] = {
    "invalid UTF-8": frame(TEXT, b"\xff\xfe"),
    "half a surrogate pair": frame(TEXT, b'{"kind":"\xed\xa0\x80"}'),
    "binary": frame(BINARY, ASKS),
    "not masked": frame(TEXT, ASKS, masked=False),
    "reserved bits": frame(TEXT, ASKS, reserved=7),
    "compressed, though nobody agreed to it": frame(TEXT, ASKS, reserved=4),
    "an opcode that does not exist": frame(3, ASKS),
    "a control frame in parts": frame(PING, b"x", last=False),
    "a ping that is too long": frame(PING, b"x" * 126),
    "a close code that does not exist": frame(CLOSE, b"\x00\x01"),
    "a close reason that is no text": frame(CLOSE, b"\x03\xe8\xff"),
    "half a close code": frame(CLOSE, b"\x03"),
    "a continuation of nothing": frame(CONTINUED, ASKS),
    "a message within a message": frame(TEXT, b"a", last=False) + frame(TEXT, b"b"),
    "longer than any message": frame(TEXT, b"x" * 60_000),
    "an announced length of 2^63": b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"\0\0\0\0",
    "an announced negative length": b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0",
    "no JSON": frame(TEXT, b"{"),
    "JSON that is very deep": frame(TEXT, b"[" * 3_000),
    "a number that is none": frame(TEXT, b'{"kind": NaN}'),
    "another kind": frame(TEXT, b'{"kind":["snapshot"]}'),
    "nothing": frame(TEXT, b""),
}

FLOODS: dict[str, bytes] = {
    "messages": frame(TEXT, ASKS),
    "tiny frames of one message": frame(CONTINUED, b"", last=False),
    "large parts of one message": frame(CONTINUED, b"x" * 4_000, last=False),
    "pings": frame(PING, b"x" * 125),
    "pongs": frame(PONG, b"x" * 125),
}


class RawSocket:
    """A websocket of the board, frame by frame."""

    def __init__(self, shop: Shop) -> None:
        parts = urlsplit(shop.url)
        self.line = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5)
        self.line.sendall(
            f"GET /ws/board/ HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {shop.url}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert self.line.recv(4096).startswith(b"HTTP/1.1 101 ")

    def is_closed_within(self, seconds: float) -> bool:
        """Whether the server ends the connection in time; what it sends is thrown away."""
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                self.line.settimeout(left)
                if not self.line.recv(65_536):
                    return True
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return False

    def flood(self, data: bytes, seconds: float) -> float | None:
        """Send this again and again without reading; after how long that failed, None if never."""
        began = time.monotonic()
        many = data * max(1, 20_000 // len(data))
        self.line.settimeout(1)
        while time.monotonic() - began < seconds:
            try:
                self.line.sendall(many)
            except (TimeoutError, ConnectionError):
                return time.monotonic() - began
        return None


@pytest.fixture
def quiet(shop: Shop) -> Iterator[None]:
    """Nothing in the shop's log looks like a defect, and another screen stays live throughout."""
    before = shop.log.stat().st_size
    with Visitor(shop) as visitor, LiveView(visitor, "board") as board:
        yield
        snapshots = board.state.snapshots
        board.ask()
        board.until(lambda view: view.state.snapshots > snapshots, "an answer")
    with shop.log.open("rb") as log:
        log.seek(before)
        written = log.read().decode(errors="replace")
    assert "Traceback" not in written, written[-5_000:]
    assert "[error" not in written, written[-5_000:]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_frame_that_breaks_the_rules_closes_its_socket(
    shop: Shop, quiet: None, broken: str
) -> None:
    raw = RawSocket(shop)
    raw.line.sendall(BROKEN[broken])
    assert raw.is_closed_within(CLOSED_SECONDS)


def test_frames_broken_at_random_harm_nobody_else(shop: Shop, quiet: None) -> None:
    dice = Random(7)
    for _ in range(FRAMES):
        raw = RawSocket(shop)
        sent = b"".join(dice.choices(list(BROKEN.values()), k=2)) + frame(TEXT, ASKS)
        at = dice.randrange(len(sent))
        with suppress(ConnectionError):
            raw.line.sendall(dice.randbytes(dice.choice((0, 2, 40))) + sent[at:])
        raw.line.close()


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_closed_and_the_others_stay_live(shop: Shop, quiet: None, flood: str) -> None:
    raw = RawSocket(shop)
    if "one message" in flood:
        raw.line.sendall(frame(TEXT, b"[", last=False))
    ended = raw.flood(FLOODS[flood], FLOOD_SECONDS)
    assert ended is not None
    assert ended < CLOSED_SECONDS
    assert raw.is_closed_within(CLOSED_SECONDS)

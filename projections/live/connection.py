"""One open socket, as the broadcaster sees it: something a frame can be written to.

Writes the server's prepared frames directly where the server offers that, and plain ASGI messages
otherwise. One that reads too slowly gets less: no snapshot while the last one is still on its way,
no push while much waits for it, and from then on a short screen. Only one that reads nothing at all
for half a minute is closed. Knows no view.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

FRAMES = "barstucks.frames"
"""The ASGI extension with which the web server writes a frame that was encoded once."""

NOT_YOURS = 4403
"""The client logs in again, or has no business here: it does not reconnect by itself."""

TRY_AGAIN_LATER = 1013
"""IANA's registry of close codes: the client reads too slowly, or the server is too busy."""

MOST_WAITING_BYTES = 512 * 1024
"""What may wait for one socket: two full screens (`projections.screen.SNAPSHOT_CHARACTERS`)."""

BUSY_BYTES = 32 * 1024
"""While so much waits, the socket gets no snapshot: it would be old when it arrives."""

SLOW_SECONDS = 4.0
"""Who is busy for so long gets a short screen from then on. A browser takes ten seconds without a
message for a broken connection: the next message has to be through before that."""

STUCK_SECONDS = 30.0
"""Who takes nothing for so long is gone, and does not know it."""

MOST_WAITING_FRAMES = 64
"""The same where the server does not say how much waits."""

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Frames(Protocol):
    """The server's side of a socket."""

    def prepare(self, text: str) -> object:
        """A text message as a frame for any number of sockets."""

    def write(self, prepared: object) -> None:
        """Send it without waiting."""

    def waiting_bytes(self) -> int:
        """What was written and not yet taken by the network."""


class Frame:
    """A text message, encoded at most once for all connections of one server."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._prepared: object | None = None

    def prepared_by(self, frames: Frames) -> object:
        """The message as the server's frame."""
        if self._prepared is None:
            self._prepared = frames.prepare(self.text)
        return self._prepared


class LiveConnection:
    """One socket that shows one view."""

    def __init__(
        self,
        view: str,
        send: Send,
        frames: Frames | None = None,
        session: str = "",
        *,
        is_short: bool = False,
        language: str = "en",
    ) -> None:
        """`session` is the key of the session that opened it; "" where none is needed.

        `language` is that of the page: what is drawn for it speaks the same.
        `is_short`: it reads slowly, and gets a part of the screen.
        """
        self.view = view
        self.session = session
        self.is_short = is_short
        self.language = language
        self._busy_since: float | None = None
        self._taking_since = 0.0
        self._waiting_before = 0
        self._send = send
        self._frames = frames
        self._waiting: asyncio.Queue[Frame] = asyncio.Queue(MOST_WAITING_FRAMES)
        self._pump: asyncio.Task[None] | None = None
        self._close_code: int | None = None
        self.closing = asyncio.Event()
        self.is_started = False

    @property
    def close_code(self) -> int | None:
        """With which code the socket is to be closed; None while it is fine."""
        return self._close_code

    @property
    def is_busy(self) -> bool:
        """Whether a snapshot would have to wait behind much else."""
        return self._frames is not None and self._frames.waiting_bytes() > BUSY_BYTES

    def write(self, frame: Frame) -> bool:
        """Send a frame without waiting. False if too much waits already: it was left out."""
        if self.closing.is_set():
            return True
        if self._frames is not None:
            waiting = self._frames.waiting_bytes()
            if waiting and waiting + len(frame.text) > MOST_WAITING_BYTES:
                return False
            self._frames.write(frame.prepared_by(self._frames))
            return True
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.close(TRY_AGAIN_LATER)
        return True

    def watch(self, now: float) -> None:
        """Look how it reads, about once a second: slowly, or not at all. `now` is monotonic."""
        if self._frames is None or self.closing.is_set():
            return
        waiting = self._frames.waiting_bytes()
        if waiting == 0 or waiting < self._waiting_before or self._taking_since == 0.0:
            self._taking_since = now
        self._waiting_before = waiting
        if waiting <= BUSY_BYTES:
            self._busy_since = None
        elif self._busy_since is None:
            self._busy_since = now
        elif now - self._busy_since >= SLOW_SECONDS:
            self.is_short = True
        if now - self._taking_since >= STUCK_SECONDS:
            self.close(TRY_AGAIN_LATER)

    def start(self) -> None:
        """The socket is open: begin to send."""
        self.is_started = True
        if self._frames is None:
            self._pump = asyncio.create_task(self._send_waiting())

    def close(self, code: int) -> None:
        """Have the socket closed by its consumer."""
        if not self.closing.is_set():
            self._close_code = code
            self.closing.set()

    def stop(self) -> None:
        """The socket is gone."""
        self.closing.set()
        if self._pump is not None:
            self._pump.cancel()

    async def _send_waiting(self) -> None:
        while True:
            frame = await self._waiting.get()
            await self._send({"type": "websocket.send", "text": frame.text})

"""One open socket, as the broadcaster sees it: something a frame can be written to.

Writes the server's prepared frames directly where the server offers that, and plain ASGI messages
otherwise. One that reads too slowly is closed rather than waited for. Knows no view.
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
"""What may wait for one socket: several full screens. More means that nobody reads."""

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
        self, view: str, send: Send, frames: Frames | None = None, session: str = ""
    ) -> None:
        """`session` is the key of the session that opened it; "" where none is needed."""
        self.view = view
        self.session = session
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

    def write(self, frame: Frame) -> None:
        """Send a frame without waiting; one that is too slow is closed instead."""
        if self.closing.is_set():
            return
        if self._frames is not None:
            if self._frames.waiting_bytes() > MOST_WAITING_BYTES:
                self.close(TRY_AGAIN_LATER)
            else:
                self._frames.write(frame.prepared_by(self._frames))
            return
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
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

"""The websocket of one viewer: let in, join, accept, whole screen, then what happens.

Knows no screen's content and no other viewer; the broadcaster does.
"""

import asyncio
import json
import random
import time
from collections import deque
from typing import Any

from projections import socket_access
from projections.broadcaster import broadcaster
from projections.viewer import FRAMES, Send, Viewer

NOT_YOURS = 4403
"""The client logs in again, or has no business here: it does not reconnect by itself."""

POLICY_VIOLATION = 1008  # RFC 6455
SERVICE_RESTART = 1012  # IANA's registry of close codes: reconnect soon

LARGEST_MESSAGE = 1_000
"""Characters of a client's message; the one there is has 19."""

MOST_MESSAGES = 20
PER_SECONDS = 10.0
"""A client asks for a snapshot now and then; more often than this it is broken or hostile."""

ASK_AGAIN_SECONDS = 60.0
"""How long somebody whose permission was taken away may still look."""

LONGEST_SECONDS = (4 * 3600.0, 5 * 3600.0)
"""A socket is renewed after some hours, each at its own time: no state gets older than that."""


class LiveSocket:
    """One viewer. An ASGI application of its own."""

    def __init__(self, scope: dict[str, Any], send: Send) -> None:
        self._scope = scope
        self._send = send
        self._heard: deque[float] = deque(maxlen=MOST_MESSAGES)

    async def serve(self, receive: Any) -> None:
        """From the handshake to the end."""
        if (await receive())["type"] != "websocket.connect":
            return
        view = socket_access.view_in(self._scope["url_route"]["kwargs"])
        if view is None or not await socket_access.may_look(self._scope, view):
            # Accepted first: only so does a browser's script see the code and stop asking.
            await self._send({"type": "websocket.accept"})
            await self._send({"type": "websocket.close", "code": NOT_YOURS})
            return
        viewer = Viewer(view, self._send, (self._scope.get("extensions") or {}).get(FRAMES))
        hall = broadcaster()
        try:
            await hall.join(viewer)
            await self._send({"type": "websocket.accept"})
            viewer.start()
            hall.draw([viewer])
            code = await self._listen(receive, viewer)
            if code is not None:
                await self._send({"type": "websocket.close", "code": code})
        finally:
            hall.leave(viewer)
            viewer.stop()

    async def _listen(self, receive: Any, viewer: Viewer) -> int | None:
        """Until the socket is to be closed; the code, or None if the client has gone."""
        end = time.monotonic() + random.uniform(*LONGEST_SECONDS)  # noqa: S311 - no secret
        closing = asyncio.create_task(viewer.closing.wait())
        message = asyncio.create_task(receive())
        ask_again = time.monotonic() + ASK_AGAIN_SECONDS
        try:
            while True:
                await asyncio.wait(
                    {closing, message},
                    timeout=max(0.0, min(end, ask_again) - time.monotonic()),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                now = time.monotonic()
                if closing.done():
                    return viewer.close_code
                if message.done():
                    said = message.result()
                    if said["type"] == "websocket.disconnect":
                        return None
                    if not self._answer(said, viewer):
                        return POLICY_VIOLATION
                    message = asyncio.create_task(receive())
                if now >= end:
                    return SERVICE_RESTART
                if now >= ask_again:
                    ask_again = now + ASK_AGAIN_SECONDS
                    if not await socket_access.may_still_look(self._scope, viewer.view):
                        return NOT_YOURS
        finally:
            closing.cancel()
            message.cancel()

    def _answer(self, said: dict[str, Any], viewer: Viewer) -> bool:
        """Do what the client asks; False if it is not to be listened to any longer."""
        now = time.monotonic()
        if len(self._heard) == MOST_MESSAGES and now - self._heard[0] < PER_SECONDS:
            return False
        self._heard.append(now)
        text = said.get("text") or ""
        if not text or len(text) > LARGEST_MESSAGE:
            return False
        try:
            wish = json.loads(text)
        except ValueError:
            return False
        if not isinstance(wish, dict) or wish.get("kind") != "snapshot":
            return False
        broadcaster().draw([viewer])
        return True


async def live_socket(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """The ASGI application of every live screen's socket."""
    await LiveSocket(scope, send).serve(receive)

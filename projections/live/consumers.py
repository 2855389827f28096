"""The websocket of one live screen: let in, join, accept, whole screen, then what happens.

Knows no screen's content and no other connection; the broadcaster does.
"""

import asyncio
import json
import random
import time
from collections import deque
from typing import Any
from urllib.parse import parse_qsl

from orders.languages import known_language
from projections.live import access
from projections.live.broadcaster import broadcaster
from projections.live.connection import FRAMES, NOT_YOURS, LiveConnection, Send

POLICY_VIOLATION = 1008  # RFC 6455
SERVICE_RESTART = 1012  # IANA's registry of close codes: reconnect soon

SHORT = ("short", "1")
"""In the address of a socket whose browser has given up waiting for a whole screen before."""

LANGUAGE = "lang"
"""In the address of a socket whose page speaks another language than the staff."""

LARGEST_MESSAGE = 1_000
"""Characters of a client's message; the one there is has 19."""

MOST_MESSAGES = 20
PER_SECONDS = 10.0
"""A client asks for a snapshot now and then; more often than this it is broken or hostile."""

CHECK_AGAIN_SECONDS = 60.0
"""How long somebody whose permission was taken away may still look."""

LONGEST_SECONDS = (4 * 3600.0, 5 * 3600.0)
"""A socket is renewed after some hours, each at its own time: no state gets older than that."""


class LiveConsumer:
    """One websocket: an ASGI application of its own."""

    def __init__(self, scope: dict[str, Any], send: Send) -> None:
        self._scope = scope
        self._send = send
        self._received: deque[float] = deque(maxlen=MOST_MESSAGES)

    async def serve(self, receive: Any) -> None:
        """From the handshake to the end."""
        if (await receive())["type"] != "websocket.connect":
            return
        view = access.view_in(self._scope["url_route"]["kwargs"])
        if view is None or not await access.may_look(self._scope, view):
            # Accepted first: only so does a browser's script see the code and stop asking.
            await self._send({"type": "websocket.accept"})
            await self._send({"type": "websocket.close", "code": NOT_YOURS})
            return
        asked = dict(parse_qsl(self._scope.get("query_string", b"").decode("latin1")))
        connection = LiveConnection(
            view,
            self._send,
            (self._scope.get("extensions") or {}).get(FRAMES),
            access.session_needed(self._scope, view),
            is_short=SHORT in asked.items(),
            language=known_language(asked.get(LANGUAGE, "en")),
        )
        screens = broadcaster()
        try:
            await screens.join(connection)
            await self._send({"type": "websocket.accept"})
            connection.start()
            screens.send_snapshot([connection])
            code = await self._listen(receive, connection)
            if code is not None:
                await self._send({"type": "websocket.close", "code": code})
        finally:
            screens.leave(connection)
            connection.stop()

    async def _listen(self, receive: Any, connection: LiveConnection) -> int | None:
        """Until the socket is to be closed; the code, or None if the client has gone."""
        end = time.monotonic() + random.uniform(*LONGEST_SECONDS)  # noqa: S311 - no secret
        closing = asyncio.create_task(connection.closing.wait())
        incoming = asyncio.create_task(receive())
        check_again = time.monotonic() + CHECK_AGAIN_SECONDS
        try:
            while True:
                await asyncio.wait(
                    {closing, incoming},
                    timeout=max(0.0, min(end, check_again) - time.monotonic()),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                now = time.monotonic()
                if closing.done():
                    return connection.close_code
                if incoming.done():
                    message = incoming.result()
                    if message["type"] == "websocket.disconnect":
                        return None
                    if not self._handle(message, connection):
                        return POLICY_VIOLATION
                    incoming = asyncio.create_task(receive())
                if now >= end:
                    return SERVICE_RESTART
                if now >= check_again:
                    check_again = now + CHECK_AGAIN_SECONDS
                    if not await access.may_still_look(self._scope, connection.view):
                        return NOT_YOURS
        finally:
            closing.cancel()
            incoming.cancel()

    def _handle(self, message: dict[str, Any], connection: LiveConnection) -> bool:
        """Handle a message of the client; False if the connection is to be closed."""
        now = time.monotonic()
        if len(self._received) == MOST_MESSAGES and now - self._received[0] < PER_SECONDS:
            return False
        self._received.append(now)
        text = message.get("text") or ""
        if not text or len(text) > LARGEST_MESSAGE:
            return False
        try:
            request = json.loads(text)
        except ValueError:
            return False
        if not isinstance(request, dict) or request.get("kind") != "snapshot":
            return False
        broadcaster().send_snapshot([connection])
        return True


async def live_socket(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """The ASGI application of every live screen's socket."""
    await LiveConsumer(scope, send).serve(receive)

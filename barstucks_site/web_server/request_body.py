"""Reading the body of a request, with an end: so many bytes, so many seconds.

Knows ASGI's `receive`; nothing of Django.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

LARGEST_BODY = 64 * 1024  # bytes; an order of 50 lines is below 10 KB
BODY_SECONDS = 15.0

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class BodyTooLarge(Exception):
    """The body is longer than the shop reads; answer 413."""


class BodyTooSlow(Exception):
    """The body did not arrive in time; answer 408."""


class ClientGone(Exception):
    """The client went away while sending; nobody waits for an answer."""


def declared_length(scope: Scope) -> int:
    """The Content-Length of a request; 0 if it is missing or no number."""
    for name, value in scope["headers"]:
        if name.lower() == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def read_body(
    scope: Scope,
    receive: Receive,
    *,
    largest: int = LARGEST_BODY,
    seconds: float = BODY_SECONDS,
) -> bytes:
    """The whole body. Raises `BodyTooLarge` before it is read, `BodyTooSlow`, `ClientGone`."""
    if declared_length(scope) > largest:
        raise BodyTooLarge
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                part = message.get("body", b"")
                length += len(part)
                if length > largest:
                    raise BodyTooLarge
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError as late:
        raise BodyTooSlow from late

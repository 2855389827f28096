"""One HTTP request as ASGI hands it over: the types, a header, the body up to a limit."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

LARGEST_BODY = 64 * 1024  # bytes; an order of 50 lines is below 10 KB

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class BodyTooLarge(Exception):
    """The body is longer than the shop reads: 413."""


class ClientGone(Exception):
    """The client disconnected while sending: nobody waits for a response."""


def header(scope: Scope, name: bytes) -> str:
    """The values of one header, joined by commas; "" if it is missing."""
    return ",".join(
        value.decode("latin1") for given, value in scope.get("headers", ()) if given == name
    )


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises `BodyTooLarge`, before it is read if it can, and `ClientGone`."""
    declared = header(scope, b"content-length")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise BodyTooLarge
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return bytes(body)

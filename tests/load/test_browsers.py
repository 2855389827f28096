"""A browser that posts forms: what it does when it is refused."""

import asyncio

import pytest

from tests.load.browsers import Browser, BrowserSession, NotPlaced

REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy"
NO = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"
DONE = b"HTTP/1.1 303 See Other\r\nLocation: /bar/\r\nContent-Length: 0\r\n\r\n"


async def sent(*responses: bytes, sends_again: bool) -> tuple[list[bytes], int]:
    """Send a form to a server that responds so; the requests that came, and the repeats counted."""
    came: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for response in responses:
            came.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(length))
            writer.write(response)
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
        form = BrowserSession(server.sockets[0].getsockname()[1], "", "token")
        request = form.request()
        length = len(request.partition(b"\r\n\r\n")[2])
        async with Browser(form, sends_again=sends_again) as browser:
            await browser.send(request)
    return came, browser.sent_again


def test_what_is_refused_for_a_moment_is_sent_again_as_it_was() -> None:
    came, again = asyncio.run(sent(REFUSED, REFUSED, DONE, sends_again=True))

    assert (len(came), again) == (3, 2)
    assert len(set(came)) == 1  # with the same id: nothing is done twice


def test_elsewhere_a_refusal_ends_the_measurement() -> None:
    with pytest.raises(NotPlaced, match="503"):
        asyncio.run(sent(REFUSED, DONE, sends_again=False))


def test_what_is_refused_for_good_is_not_sent_again() -> None:
    with pytest.raises(NotPlaced, match="409"):
        asyncio.run(sent(NO, DONE, sends_again=True))

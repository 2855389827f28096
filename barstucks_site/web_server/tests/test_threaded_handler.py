"""Requests through the threaded handler: what goes in, and what comes out."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import override_settings

from barstucks_site.web_server.asgi_request import LARGEST_BODY
from barstucks_site.web_server.tests import small_site
from barstucks_site.web_server.threaded_handler import ThreadedHandler


class Conversation:
    """One HTTP request to an ASGI application, and what came back."""

    def __init__(self, application: ThreadedHandler) -> None:
        self._application = application
        self.sent: list[Mapping[str, Any]] = []
        self.incoming: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def send(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: tuple[tuple[bytes, bytes], ...] = (),
        host: bytes = b"localhost",
    ) -> None:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", host), *headers],
            "client": ["127.0.0.1", 5],
            "server": ["127.0.0.1", 80],
        }
        self.incoming.put_nowait({"type": "http.request", "body": body})
        await self._application(scope, self.incoming.get, self.send)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    def headers(self, name: str) -> list[str]:
        wanted = name.lower().encode()
        return [v.decode() for n, v in self.sent[0]["headers"] if n.lower() == wanted]


@pytest.fixture(autouse=True)
def _the_small_site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=small_site.__name__):
        yield


@pytest.fixture
def conversation() -> Conversation:
    return Conversation(ThreadedHandler(threads=2))


async def test_a_post_reaches_the_view_in_a_thread_of_its_own(conversation: Conversation) -> None:
    await conversation.ask("/echo/", method="POST", body=b"one latte")

    assert conversation.status == 200
    assert conversation.body == b"one latte"
    assert conversation.headers("x-thread")[0].startswith("request")
    assert len(conversation.headers("set-cookie")) == 2
    assert conversation.headers("content-length") == ["9"]


async def test_every_response_carries_a_correlation_id_and_the_security_headers(
    conversation: Conversation,
) -> None:
    await conversation.ask("/echo/", headers=((b"x-request-id", b"abcdef-123456"),))

    assert conversation.headers("x-request-id") == ["abcdef-123456"]
    policy = conversation.headers("content-security-policy")[0]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert conversation.headers("x-content-type-options") == ["nosniff"]
    assert conversation.headers("x-frame-options") == ["DENY"]


async def test_a_defect_gives_500_and_reveals_nothing(conversation: Conversation) -> None:
    await conversation.ask("/broken/")

    assert conversation.status == 500
    assert b"secret of the house" not in conversation.body
    assert b"Traceback" not in conversation.body


async def test_a_host_that_is_not_ours_is_refused(conversation: Conversation) -> None:
    await conversation.ask("/echo/", host=b"evil.example")

    assert conversation.status == 400


async def test_a_body_over_the_limit_is_refused_before_it_is_read(
    conversation: Conversation,
) -> None:
    too_long = str(LARGEST_BODY + 1).encode()

    await conversation.ask("/echo/", method="POST", headers=((b"content-length", too_long),))

    assert conversation.status == 413


async def test_a_body_that_lies_about_its_length_is_refused(conversation: Conversation) -> None:
    await conversation.ask("/echo/", method="POST", body=b"x" * (LARGEST_BODY + 1))

    assert conversation.status == 413


async def test_the_largest_body_still_passes(conversation: Conversation) -> None:
    await conversation.ask("/echo/", method="POST", body=b"x" * LARGEST_BODY)

    assert conversation.status == 200
    assert len(conversation.body) == LARGEST_BODY


async def test_a_streaming_response_arrives_whole(conversation: Conversation) -> None:
    await conversation.ask("/stream/")

    assert conversation.body == b"drip drip drop"


async def test_a_client_that_leaves_while_sending_gets_nothing(
    conversation: Conversation,
) -> None:
    conversation.incoming.put_nowait({"type": "http.disconnect"})

    await conversation.ask("/echo/", method="POST")

    assert conversation.sent == []


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
async def test_methods_that_no_page_knows_are_refused(
    conversation: Conversation, method: str
) -> None:
    await conversation.ask("/echo/", method=method)

    assert conversation.status == 405


async def test_an_async_view_works_too(conversation: Conversation) -> None:
    await conversation.ask("/async/")

    assert conversation.body == b"async"


async def test_beyond_the_limit_of_waiting_requests_the_shop_is_busy() -> None:
    shop = ThreadedHandler(threads=1, most_waiting=0)
    first, second = Conversation(shop), Conversation(shop)

    await asyncio.gather(first.ask("/slow/"), second.ask("/slow/"))

    assert sorted([first.status, second.status]) == [200, 503]
    assert second.headers("retry-after") == ["2"]

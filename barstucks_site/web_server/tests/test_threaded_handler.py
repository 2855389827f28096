"""Requests through the threaded handler: what goes in, and what comes out."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import override_settings

from barstucks_site.web_server.asgi_request import LARGEST_BODY
from barstucks_site.web_server.request_pool import PoolSize
from barstucks_site.web_server.tests import small_site
from barstucks_site.web_server.threaded_handler import ANSWER_UNTIL, ThreadedHandler


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
        query: bytes = b"",
        within: float = 60,
    ) -> None:
        scope = {
            ANSWER_UNTIL: time.monotonic() + within,
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
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
    return Conversation(ThreadedHandler())


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


async def test_more_parameters_than_are_read_are_refused(conversation: Conversation) -> None:
    # With a character set Django reads them before it has a request to respond to.
    headers = ((b"content-type", b"text/plain; charset=utf-8"),)
    await conversation.ask("/echo/", query=b"a=1&" * 700, headers=headers)

    assert conversation.status == 400


@pytest.mark.parametrize(
    ("charset", "status"),
    [
        (b"utf-8", 200),
        (b'"UTF-8"', 200),
        (b"ISO-8859-1", 200),
        (b"us-ascii", 200),
        (b"rot13", 400),
        (b"idna", 400),
        (b"undefined", 400),
        (b"utf-16", 400),
        (b"no-such-one", 400),
        (b"a\0b", 400),
        (b"x" * 5000, 400),
    ],
)
async def test_characters_that_python_has_a_name_for_and_cannot_read_are_refused(
    conversation: Conversation, charset: bytes, status: int
) -> None:
    headers = ((b"content-type", b"application/json; charset=" + charset),)
    await conversation.ask("/echo/", method="POST", query=b"a=%ff", headers=headers)

    assert conversation.status == status


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


# --- several pools, and an answer in time --------------------------------------------------------


def handler_with_two_pools() -> ThreadedHandler:
    """One thread for `/slow/` and nobody may wait for it; one for everything else."""
    pools = {"slow": PoolSize(1, 0), "others": PoolSize(1, 8)}
    return ThreadedHandler(pools, lambda scope: "slow" if "slow" in scope["path"] else "others")


async def test_beyond_its_limit_a_pool_is_busy_at_once_and_no_other_pool() -> None:
    shop = handler_with_two_pools()
    first, second, other = Conversation(shop), Conversation(shop), Conversation(shop)
    began = time.monotonic()

    under_way = asyncio.create_task(first.ask("/slow/"))
    await asyncio.sleep(0.1)
    await second.ask("/slow/")
    await other.ask("/echo/")
    seconds = time.monotonic() - began
    await under_way

    assert (first.status, second.status, other.status) == (200, 503, 200)
    assert second.headers("retry-after") == ["2"]
    assert other.headers("x-thread")[0].startswith("request-others")
    assert seconds < small_site.SLOW_SECONDS / 2


async def test_a_thread_that_nobody_waits_for_any_more_is_still_taken() -> None:
    shop = handler_with_two_pools()
    late, second, third = Conversation(shop), Conversation(shop), Conversation(shop)

    await late.ask("/slow/", within=0.1)
    await second.ask("/slow/")
    await asyncio.sleep(small_site.SLOW_SECONDS)
    await third.ask("/slow/")

    assert (late.status, second.status, third.status) == (503, 503, 200)


@pytest.mark.parametrize(("method", "status"), [("GET", 503), ("POST", 504)])
async def test_what_is_not_finished_in_time_may_have_happened_if_it_was_to_change_something(
    conversation: Conversation, method: str, status: int
) -> None:
    began = time.monotonic()

    await conversation.ask("/slow/", method=method, within=0.2)

    assert conversation.status == status
    assert conversation.headers("retry-after") == ["2"]
    assert time.monotonic() - began < small_site.SLOW_SECONDS / 2


async def test_what_has_not_begun_in_time_is_dropped_and_that_is_certain() -> None:
    shop = ThreadedHandler({"one": PoolSize(1, 8)})
    first, dropped, afterwards = Conversation(shop), Conversation(shop), Conversation(shop)
    small_site.noted.clear()

    under_way = asyncio.create_task(first.ask("/slow/"))
    await asyncio.sleep(0.1)
    await dropped.ask("/note/", method="POST", body=b"dropped", within=0.2)
    await under_way
    await afterwards.ask("/note/", method="POST", body=b"afterwards")

    assert (dropped.status, afterwards.status) == (503, 200)
    assert small_site.noted == [b"afterwards"]


async def test_what_comes_too_late_is_not_begun_even_if_a_thread_is_free() -> None:
    late = Conversation(ThreadedHandler())
    small_site.noted.clear()

    await late.ask("/note/", method="POST", body=b"late", within=-0.1)

    assert late.status == 503
    assert small_site.noted == []


async def test_what_has_not_begun_when_its_client_leaves_is_dropped() -> None:
    shop = ThreadedHandler({"one": PoolSize(1, 8)})
    first, gone, afterwards = Conversation(shop), Conversation(shop), Conversation(shop)
    small_site.noted.clear()

    under_way = asyncio.create_task(first.ask("/slow/"))
    leaving = asyncio.create_task(gone.ask("/note/", method="POST", body=b"gone"))
    await asyncio.sleep(0.1)
    leaving.cancel()
    await under_way
    await afterwards.ask("/note/", method="POST", body=b"afterwards")

    assert small_site.noted == [b"afterwards"]

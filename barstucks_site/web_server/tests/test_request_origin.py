"""Where requests come from: addresses behind proxies, websockets from other people's pages."""

from typing import Any

import pytest

from barstucks_site.web_server.request_origin import (
    UNKNOWN,
    ClientAddress,
    OriginValidator,
    client_address,
)


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "client": ["10.0.0.9", 1234], "headers": list(headers)}


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "1.1.1.1", "10.0.0.9"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.8", "1.1.1.1"),
        (2, "1.1.1.1", UNKNOWN),
        (1, "", UNKNOWN),
    ],
)
def test_only_configured_proxies_may_say_where_a_client_is(
    hops: int, forwarded: str, address: str
) -> None:
    asked = scope((b"x-forwarded-for", forwarded.encode()))

    assert client_address(asked, hops) == address


def test_an_underscore_does_not_make_a_forwarded_address() -> None:
    assert client_address(scope((b"x_forwarded_for", b"6.6.6.6")), 1) == UNKNOWN


async def test_the_true_address_replaces_the_proxys() -> None:
    seen: list[Any] = []

    async def inner(asked: Any, _receive: Any, _send: Any) -> None:
        seen.append(asked["client"])

    async def nothing(*_: Any) -> Any:
        return {}

    await ClientAddress(inner, 1)(scope((b"x-forwarded-for", b"1.1.1.1")), nothing, nothing)

    assert seen == [["1.1.1.1", 1234]]


async def _inner(*_: Any) -> None: ...


SHOP = OriginValidator(
    _inner,
    origins=["https://coffee.example.org"],
    allowed_hosts=["coffee.example.org"],
    same_host=False,
)
DEMO = OriginValidator(_inner, origins=[], allowed_hosts=["127.0.0.1", "localhost"], same_host=True)


@pytest.mark.parametrize(
    ("guard", "origin", "host", "trusted"),
    [
        (SHOP, "https://coffee.example.org", "coffee.example.org", True),
        (SHOP, "http://coffee.example.org", "coffee.example.org", False),
        (SHOP, "https://coffee.example.org:444", "coffee.example.org", False),
        (SHOP, "https://evil.example", "coffee.example.org", False),
        (SHOP, "null", "coffee.example.org", False),
        (SHOP, "", "coffee.example.org", False),
        (SHOP, "https://coffee.example.org", "evil.example", False),
        (DEMO, "http://127.0.0.1:8000", "127.0.0.1:8000", True),
        (DEMO, "http://127.0.0.1:9000", "127.0.0.1:8000", False),
        (DEMO, "http://localhost:8000", "127.0.0.1:8000", False),
        (DEMO, "http://evil.example", "evil.example", False),
        (DEMO, "", "127.0.0.1:8000", False),
    ],
)
def test_a_socket_is_opened_by_our_own_pages_only(
    guard: OriginValidator, origin: str, host: str, trusted: bool
) -> None:
    assert guard.trusts(origin, host) is trusted


async def test_a_foreign_page_is_denied_before_the_handshake() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await SHOP({"headers": [(b"origin", b"https://evil.example")]}, receive, send)

    assert sent == [{"type": "websocket.close", "code": 4403}]

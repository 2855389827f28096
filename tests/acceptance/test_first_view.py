"""What the first look at the menu costs on a phone, counted on the wire."""

import re
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

import httpx

from tests.shop import Shop

MOST_BYTES = 24_000
MOST_REQUESTS = 6
ASKED_FOR = re.compile(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="([^"]+)"')
NAMED = re.compile(r"""(?:url\(|@import |\bimport\b[^"']*?)["']?(\.{0,2}[\w./-]+\.\w+)["')]""")


@dataclass
class Received:
    """One response as it came over the wire."""

    response: httpx.Response
    bytes: int


def received(client: httpx.Client, url: str) -> Received:
    with client.stream("GET", url) as response:
        response.read()
    head = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    return Received(response, head + response.num_bytes_downloaded)


def first_view(shop: Shop) -> dict[str, Received]:
    """Everything that a browser with an empty cache asks for, by address."""
    seen: dict[str, Received] = {}
    with httpx.Client(base_url=shop.url, trust_env=False) as client:
        waiting = [f"{shop.url}/"]
        while waiting:
            url = waiting.pop()
            if url in seen:
                continue
            seen[url] = received(client, url)
            response = seen[url].response
            kind = response.headers["Content-Type"].partition(";")[0]
            named = {"text/html": ASKED_FOR, "text/css": NAMED, "text/javascript": NAMED}.get(kind)
            found = named.findall(response.text) if named else []
            waiting += [urldefrag(urljoin(url, path)).url for path in found]
    return seen


def test_the_first_view_of_the_menu_is_light_and_all_from_here(shop: Shop) -> None:
    view = first_view(shop)

    assert all(part.response.status_code == 200 for part in view.values())
    assert all(url.startswith(shop.url) for url in view)
    kinds = [part.response.headers["Content-Type"].partition(";")[0] for part in view.values()]
    assert kinds.count("text/css") == 1
    assert kinds.count("text/javascript") == 1
    assert len(view) <= MOST_REQUESTS
    assert sum(part.bytes for part in view.values()) <= MOST_BYTES


def test_what_belongs_to_the_menu_is_asked_for_once_a_year(shop: Shop) -> None:
    view = first_view(shop)
    parts = [part.response for url, part in view.items() if url != f"{shop.url}/"]

    assert len(parts) >= 5
    for part in parts:
        assert part.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    packed = [p for p in parts if p.headers["Content-Type"].startswith(("text/", "image/svg"))]
    assert {part.headers.get("Content-Encoding") for part in packed} == {"gzip"}
    assert {part.headers["Vary"] for part in packed} == {"Accept-Encoding"}

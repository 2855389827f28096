"""Everything that a browser with an empty cache asks for at a page, counted on the wire."""

import re
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

import httpx

ASKED_FOR = re.compile(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="([^"]+)"')
NAMED = re.compile(r"""(?:url\(|@import |\bimport\b[^"']*?)["']?(\.{0,2}[\w./-]+\.\w+)["')]""")


@dataclass
class Received:
    """One response as it came over the wire, with its head."""

    response: httpx.Response
    bytes: int


def first_view(address: str) -> dict[str, Received]:
    """The responses by address, the page's own among them."""
    seen: dict[str, Received] = {}
    with httpx.Client(trust_env=False) as client:
        waiting = [address]
        while waiting:
            url = waiting.pop()
            if url in seen:
                continue
            seen[url] = _received(client, url)
            response = seen[url].response
            kind = response.headers["Content-Type"].partition(";")[0]
            named = {"text/html": ASKED_FOR, "text/css": NAMED, "text/javascript": NAMED}.get(kind)
            found = named.findall(response.text) if named else []
            waiting += [urldefrag(urljoin(url, path)).url for path in found]
    return seen


def _received(client: httpx.Client, url: str) -> Received:
    with client.stream("GET", url) as response:
        response.read()
    head = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    return Received(response, head + response.num_bytes_downloaded)

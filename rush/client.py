"""HTTP as one person's browser speaks it: cookies, pages, forms, patience with a shop that is away.

Sends a form again with the same contents, so with the same command id, as the shop's own pages do.
Knows nothing of coffee.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import httpx

from rush.page import Element, Form, read_page

RETRY_SECONDS = (0.5, 1, 2, 4, 8)
"""The pauses before sending again; after the last one it stays at that pace."""

PATIENCE_SECONDS = 60
RESPONSE_SECONDS = 10
UNAVAILABLE = frozenset({429, 502, 503, 504})


class NoResponse(Exception):
    """The shop gave no clear response in time: whether it happened is unknown."""


class Session:
    """What all browsers of a rush share: the shop's address and the connections to it.

    Counts how often something had to be sent again.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.retries = 0
        self.transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=400, max_keepalive_connections=100)
        )

    async def ping(self) -> None:
        """Make sure that the shop is there; raises `NoResponse` at once if not."""
        client = httpx.AsyncClient(transport=self.transport, timeout=5, trust_env=False)
        try:
            await client.get(f"{self.url}/livez")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoResponse(f"No shop answers at {self.url}: is it open?") from error

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.aclose()


class Browser:
    """One person's cookies, and the CSRF token of the page that was opened last."""

    def __init__(self, session: Session, language: str = "") -> None:
        """`language` is what the browser asks for; "" for nothing in particular."""
        self.session = session
        self.language = language
        self._csrf_token = ""
        self._client = httpx.AsyncClient(
            base_url=session.url,
            transport=session.transport,
            timeout=RESPONSE_SECONDS,
            trust_env=False,
            headers={"Accept-Language": language} if language else None,
        )

    @property
    def cookie_header(self) -> str:
        """The cookies as a websocket handshake sends them."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    async def open(self, path: str) -> Element:
        """The page at the end of all redirects, whatever it says; raises `NoResponse`."""
        page = read_page((await self._send("GET", path)).text)
        for meta in page.find_all("meta", name="csrf-token"):
            self._csrf_token = meta.attributes["content"]
        return page

    async def submit(self, form: Form, values: Mapping[str, str | Sequence[str]]) -> httpx.Response:
        """Send a form; the response is a redirect mostly, not followed. Raises `NoResponse`."""
        return await self._send("POST", form.action, form.filled(values))

    async def press(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """Press a button of a live screen: the response is JSON. Raises `NoResponse`."""
        sent = [*fields.items(), ("csrfmiddlewaretoken", self._csrf_token)]
        return await self._send("POST", path, sent, accept="application/json")

    async def _send(
        self, method: str, path: str, fields: Sequence[tuple[str, str]] = (), accept: str = "*/*"
    ) -> httpx.Response:
        give_up = time.monotonic() + PATIENCE_SECONDS
        headers = {"Accept": accept}
        if method == "POST":
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.session.url,
                "Referer": self.session.url + path,
            }
        tries = 0
        while True:
            tries += 1
            try:
                response = await self._client.request(
                    method,
                    path,
                    content=urlencode(fields).encode(),
                    headers=headers,
                    follow_redirects=method == "GET",
                )
            except httpx.TransportError as error:
                problem = f"{type(error).__name__} {error}"
            else:
                if response.status_code not in UNAVAILABLE:
                    return response
                problem = f"status {response.status_code}"
            pause = RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1]
            if time.monotonic() + pause > give_up:
                raise NoResponse(f"{method} {path}: no response after {tries} tries ({problem}).")
            self.session.retries += 1
            await asyncio.sleep(pause)

"""One person's browser: cookies, pages, forms, and patience with a shop that is briefly away.

Sends a form again with the same contents, so with the same command id, as the shop's own pages do.
Knows nothing of coffee.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from rush.page import Element, Form, read_page

RETRY_AFTER_SECONDS = (0.5, 1, 2, 4, 8)
"""The pauses before sending again; after the last one it stays at that pace."""

PATIENCE_SECONDS = 60
ANSWER_SECONDS = 10
AWAY = frozenset({429, 502, 503, 504})


class NoAnswer(Exception):
    """The shop gave no clear answer in time: whether it happened is unknown."""


@dataclass(frozen=True)
class Answer:
    """What came back. `answered` is on the monotonic clock, in seconds, like `clicked`."""

    status: int
    location: str
    text: str
    content_type: str
    clicked: float
    answered: float
    tries: int

    @property
    def page(self) -> Element:
        """The answer as a page."""
        return read_page(self.text)

    @property
    def said(self) -> dict[str, Any]:
        """The answer as JSON; {} if it is none."""
        if "json" not in self.content_type:
            return {}
        told = httpx.Response(200, text=self.text).json()
        return told if isinstance(told, dict) else {}


class Street:
    """What all browsers share: the way to the shop. Counts how often it had to be walked again."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.retries = 0
        self.transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=400, max_keepalive_connections=100)
        )

    async def knock(self) -> None:
        """Make sure that somebody is there; raises `NoAnswer` at once if not."""
        client = httpx.AsyncClient(transport=self.transport, timeout=5, trust_env=False)
        try:
            await client.get(f"{self.url}/livez")
        except (httpx.TransportError, httpx.InvalidURL) as silence:
            raise NoAnswer(f"No shop answers at {self.url}: is it open?") from silence

    async def close(self) -> None:
        """Hang up on the shop."""
        await self.transport.aclose()

    @property
    def socket_url(self) -> str:
        """Where the shop's websockets are."""
        return "ws" + self.url.removeprefix("http")


class Browser:
    """One person's cookies and the last security token their pages showed."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._token = ""
        self._client = httpx.AsyncClient(
            base_url=street.url,
            transport=street.transport,
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    @property
    def street(self) -> Street:
        """The way this browser takes."""
        return self._street

    @property
    def cookie_header(self) -> str:
        """The cookies as a websocket handshake sends them."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    async def open(self, path: str) -> Answer:
        """Go to a page, following redirects; raises `NoAnswer`."""
        answer = await self._send("GET", path, None, {})
        while 300 <= answer.status < 400:
            answer = await self._send("GET", self._local(answer.location), None, {})
        if "csrf" in answer.text:
            self._remember_token(answer)
        return answer

    async def submit(self, form: Form, answers: Mapping[str, str | Sequence[str]]) -> Answer:
        """Send a form and stop at the answer, a redirect mostly; raises `NoAnswer`."""
        fields = form.filled(answers)
        return await self._send("POST", self._local(form.action), fields, {})

    async def act(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Press a button on a live screen: the form is sent, the answer is JSON."""
        sent = [*fields.items(), ("csrfmiddlewaretoken", self._token)]
        return await self._send("POST", path, sent, {"Accept": "application/json"})

    def _local(self, address: str) -> str:
        parts = urlsplit(urljoin(self._street.url + "/", address))
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _remember_token(self, answer: Answer) -> None:
        page = answer.page
        for told, attribute in (
            (page.find_all("meta", name="csrf-token"), "content"),
            (page.find_all("input", name="csrfmiddlewaretoken"), "value"),
        ):
            if told:
                self._token = told[0].attributes.get(attribute, "")
                return

    async def _send(
        self,
        method: str,
        path: str,
        fields: list[tuple[str, str]] | None,
        headers: dict[str, str],
    ) -> Answer:
        clicked = time.monotonic()
        tries = 0
        content = None
        if fields is not None:
            content = urlencode(fields).encode()
            headers = headers | {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self._street.url,
                "Referer": self._street.url + path,
            }
        while True:
            tries += 1
            try:
                response = await self._client.request(
                    method, path, content=content, headers=headers
                )
            except httpx.TransportError as away:
                problem = f"{type(away).__name__} {away}"
            else:
                if response.status_code not in AWAY:
                    return Answer(
                        status=response.status_code,
                        location=response.headers.get("Location", ""),
                        text=response.text,
                        content_type=response.headers.get("Content-Type", ""),
                        clicked=clicked,
                        answered=time.monotonic(),
                        tries=tries,
                    )
                problem = f"answer {response.status_code}"
            pause = RETRY_AFTER_SECONDS[min(tries, len(RETRY_AFTER_SECONDS)) - 1]
            if time.monotonic() + pause - clicked > PATIENCE_SECONDS:
                raise NoAnswer(f"{method} {path}: no answer after {tries} tries ({problem}).")
            self._street.retries += 1
            await asyncio.sleep(pause)

"""The web page: dashboard, stream browser, one stream, one event. All of it without JavaScript.

Knows which page is where; how each looks is in dashboard.py, browser.py and the templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from embedded_eventstore.access.accounts import Account
from embedded_eventstore.access.stream_rights import ALL_STREAM
from embedded_eventstore.monitoring.statistics import Statistics
from embedded_eventstore.web import browser, dashboard, feeds, markup
from embedded_eventstore.web.exchange import CSS, HTML, Request, Response, redirect
from embedded_eventstore.web.markup import Markup
from embedded_eventstore.web.reading import MissingError, Reading, number_of

DASHBOARD = "Dashboard"


@dataclass(frozen=True, slots=True)
class HtmlPages:
    """The addresses below ``/web/``. ``is_open``: without passwords, which every page says."""

    reading: Reading
    statistics: Statistics
    is_open: bool

    async def respond(self, account: Account, page: list[str], request: Request) -> Response:
        """Raises MissingError, AccessDeniedError and StreamTombstonedError."""
        match page:
            case [""]:
                paused = request.query("paused") is not None
                content = await self.reading.run(
                    lambda _reader: dashboard.page(self.statistics, paused=paused)
                )
                refresh = None if paused else dashboard.REFRESH_SECONDS
                return self._show(DASHBOARD, content, refresh)
            case ["style.css"]:
                return Response(HTTPStatus.OK, CSS, markup.static("style.css"))
            case ["streams"]:
                return await self._streams(account, (request.query("name") or "").strip())
            case ["streams", stream]:
                start = number_of(request.query("from") or "head")
                backwards = request.query("newer") is None
                found = await self.reading.page(
                    account, stream, start, feeds.PAGE_EVENTS, backwards=backwards
                )
                content = await self.reading.run(lambda _reader: browser.stream(found))
                return self._show(stream, content)
            case ["streams", stream, number]:
                event = await self.reading.event(account, stream, number_of(number))
                content = await self.reading.run(lambda _reader: browser.event(event, stream))
                return self._show(event.name, content)
        raise MissingError("There is no such page.")

    async def _streams(self, account: Account, name: str) -> Response:
        if name:
            return redirect(browser.address(name))
        await self.reading.require(account, ALL_STREAM)
        return self._show("Stream Browser", await self.reading.run(browser.streams))

    def _show(self, title: str, content: Markup, refresh: int | None = None) -> Response:
        warning = markup.render("insecure") if self.is_open else markup.NOTHING
        return _document(title, content, HTTPStatus.OK, {}, warning=warning, refresh=refresh)


def sorry(status: HTTPStatus, sentence: str, headers: Mapping[str, str]) -> Response:
    """A page that says what is wrong."""
    content = markup.render("sorry", sentence=sentence)
    return _document(status.phrase, content, status, headers)


def _document(
    title: str,
    content: Markup,
    status: HTTPStatus,
    headers: Mapping[str, str],
    *,
    warning: Markup = markup.NOTHING,
    refresh: int | None = None,
) -> Response:
    here = markup.render("here")
    is_dashboard = title == DASHBOARD
    page = markup.render(
        "layout",
        title=title,
        content=content,
        warning=warning,
        refresh=markup.render("refresh", seconds=refresh) if refresh else markup.NOTHING,
        dashboard=here if is_dashboard else markup.NOTHING,
        browser=markup.NOTHING if is_dashboard else here,
    )
    # Half a surrogate in an event must not spoil the page.
    return Response(status, HTML, page.encode(errors="replace"), headers)

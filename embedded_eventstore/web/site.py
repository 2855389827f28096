"""What every web request passes: hosts, methods, login, and what an error looks like.

Health, ping and info are for everybody, as the original's are; all else is behind the login. Knows
no single page, and nothing of sockets.
"""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from embedded_eventstore.access.authentication import AccessDeniedError, Authenticator
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.server_security import LOOPBACK, ServerSecurity
from embedded_eventstore.monitoring.statistics import Statistics
from embedded_eventstore.protocol.gossip_service import GossipService
from embedded_eventstore.storage.log_reader import StreamTombstonedError
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.web import html_pages
from embedded_eventstore.web.exchange import Request, Response, as_json, redirect
from embedded_eventstore.web.html_pages import HtmlPages
from embedded_eventstore.web.json_pages import JsonPages, info
from embedded_eventstore.web.reading import MissingError, Reading

_LOGIN = {"WWW-Authenticate": 'Basic realm="Eventstore", charset="UTF-8"'}
_ALLOWED = {"Allow": "GET, HEAD"}


@dataclass(frozen=True, slots=True)
class Site:
    """Everything the web shows. ``is_open``: nobody is asked for a password, on loopback only."""

    accounts: Authenticator
    is_open: bool
    json_pages: JsonPages
    html_pages: HtmlPages

    async def respond(self, request: Request) -> Response:
        try:
            return await self._respond(request)
        except AccessDeniedError:
            return _sorry(request, HTTPStatus.FORBIDDEN, "Access to this stream is denied.")
        except StreamTombstonedError as error:
            return _sorry(request, HTTPStatus.GONE, f"Event stream '{error}' is deleted.")
        except MissingError as error:
            return _sorry(request, HTTPStatus.NOT_FOUND, str(error))
        except UnicodeDecodeError:
            return _sorry(request, HTTPStatus.BAD_REQUEST, "This address is not UTF-8.")

    async def _respond(self, request: Request) -> Response:
        if self.is_open and not _is_loopback(request.headers.get("host")):
            # Somebody else's page, whose name was made to lead to this machine, must not read.
            sentence = "Without passwords this server answers to the name of localhost only."
            return _sorry(request, HTTPStatus.MISDIRECTED_REQUEST, sentence)
        if request.method not in ("GET", "HEAD"):
            sentence = "Only GET and HEAD are answered here."
            return _sorry(request, HTTPStatus.METHOD_NOT_ALLOWED, sentence, _ALLOWED)
        path = request.path
        match path:
            case ["health", "live"]:
                return Response(HTTPStatus.NO_CONTENT)
            case ["info"]:
                has_projections = self.json_pages.statistics.has_projections
                return as_json(info(is_open=self.is_open, has_projections=has_projections))
            case ["ping"]:
                return as_json({"text": "Ping request successfully handled"})
        account = self.accounts.authenticate(request.headers.get("authorization"))
        if account is None:
            sentence = "Log in with a name and a password."
            return _sorry(request, HTTPStatus.UNAUTHORIZED, sentence, _LOGIN)
        match path:
            case [""] | ["web"] | ["web", "index.html"]:
                return redirect("/web/")
            case ["web", *page]:
                return await self.html_pages.respond(account, page, request)
            case _:
                return await self.json_pages.respond(account, path)


def _is_loopback(host: str | None) -> bool:
    try:
        return host is None or urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False


def _sorry(
    request: Request, status: HTTPStatus, sentence: str, headers: dict[str, str] | None = None
) -> Response:
    if request.target.startswith("/web"):
        return html_pages.sorry(status, sentence, headers or {})
    body = as_json({"status": status.value, "reason": sentence}, status)
    return Response(status, body.content_type, body.body, headers or {})


def build_site(
    security: ServerSecurity,
    guard: Guard,
    threads: ReadingThreads,
    statistics: Statistics,
    gossip: GossipService,
) -> Site:
    """The site of a server secured by ``security``."""
    reading = Reading(guard, threads)
    is_open = security.certificates is None
    return Site(
        security.accounts,
        is_open,
        JsonPages(reading, statistics, gossip),
        HtmlPages(reading, statistics, is_open),
    )

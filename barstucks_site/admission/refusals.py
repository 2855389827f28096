"""The response to a request that is over a limit: the shop's own page, or problem+json.

It is made on the event loop, where a template costs everybody else: pages are kept once made.
"""

from functools import lru_cache

from django.conf import settings

from barstucks_site.admission.request_kinds import Kind
from barstucks_site.refusals import draw, kind_asked_for, with_request_id
from barstucks_site.web_server.asgi_request import Scope
from barstucks_site.web_server.threaded_handler import Response
from orders.domain.words import Words
from orders.responses import ProblemDetails

SENTENCES = {
    Kind.MENU: Words("Too many pages were asked for from where you are."),
    Kind.ORDERS: Words(
        "Too many orders came in at once from where you are. This one was not taken."
    ),
    Kind.LOGINS: Words("Too many logins were tried from where you are."),
    Kind.EXPORTS: Words("Your data was asked for too often."),
    Kind.LINKS: Words("Too many links that are not ours were tried from where you are."),
    Kind.TRACKING: Words("This page was asked for too often."),
    Kind.PROGRAMS: Words("Too much was asked for by programs from where you are."),
    Kind.PAGES: Words("Too many pages were asked for from where you are."),
}
SAID_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""How long to wait is said in these steps, so that few different pages have to be kept."""


def said_seconds(wait: float) -> int:
    """The step of `SAID_SECONDS` that is long enough; the last one for anything longer."""
    return next((step for step in SAID_SECONDS if step >= wait), SAID_SECONDS[-1])


def refusal(scope: Scope, kind: Kind, wait: float) -> Response:
    """The 429 that says to come back after `wait` seconds."""
    return with_request_id(_drawn(kind, said_seconds(wait), *kind_asked_for(scope)))


@lru_cache(maxsize=len(Kind) * len(SAID_SECONDS) * 2 * len(settings.LANGUAGES))
def _drawn(kind: Kind, seconds: int, json: bool, language: str) -> Response:
    problem = ProblemDetails(429, "too_many_requests", SENTENCES[kind], seconds)
    return draw(problem, json=json, language=language)

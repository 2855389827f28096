"""The facts of the whole shop for programs: streams by name or number, and all facts in turn.

Personal fields are readable here, so every look is noted in the server's own log.
"""

from typing import Annotated

import msgspec
import structlog
from django.http import Http404, HttpRequest
from django.urls import reverse

from orders import event_codec
from orders.domain.streams import CATEGORIES, category_of
from orders.event_store import event_store
from projections.api.order import MOST_FACTS, PageOfFacts, fact_shape, number_text, page_of_facts
from projections.api.shapes import FactsShape, StreamEntry, StreamsShape
from projections.past import facts_of
from projections.screens.directory import find_streams
from projections.views.streams import LONGEST_SEARCH, LONGEST_STREAM
from staff.names import actor_of

log = structlog.get_logger(__name__)


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody looks for."""

    q: Annotated[
        str,
        msgspec.Meta(
            max_length=LONGEST_SEARCH, description="A number, an id, or how a name begins."
        ),
    ] = ""


class Following(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where on the log is read."""

    after: (
        Annotated[
            int,
            msgspec.Meta(
                ge=0, lt=10**18, description="The commit position of the last known fact."
            ),
        ]
        | None
    ) = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_FACTS)] = 100


def streams(request: HttpRequest, query: Search) -> StreamsShape:
    """The streams that were found; without a search the latest."""
    entries = find_streams(query.q)
    names = [entry.stream for entry in entries]
    log.info("names_read", actor=actor_of(request.user.pk or 0), streams=names)
    return StreamsShape(
        streams=[
            StreamEntry(
                stream=entry.stream,
                kind=entry.kind,
                number=number_text(entry.number),
                day=entry.day,
                name=entry.name,
                customer=entry.customer,
                first_at=entry.first_at,
                facts=reverse("api_stream", args=(entry.stream,)),
            )
            for entry in entries
        ]
    )


def stream(request: HttpRequest, stream: str, query: PageOfFacts) -> FactsShape:
    """The facts of one stream."""
    if category_of(stream) not in CATEGORIES or len(stream) > LONGEST_STREAM:
        raise Http404
    facts = facts_of(stream)
    if not facts:
        raise Http404
    log.info("facts_read", actor=actor_of(request.user.pk or 0), stream=stream)
    return page_of_facts(request, facts, query)


def all_facts(request: HttpRequest, query: Following) -> FactsShape:
    """The facts behind a position, in the order of the log. `next` is never None: ask again."""
    stored = event_store().read_all(query.after, query.limit)
    keys = event_codec.key_ring()
    facts = [fact for event in stored if (fact := event_codec.decode(event, keys)) is not None]
    last = stored[-1].position if stored else query.after
    log.info("facts_read", actor=actor_of(request.user.pk or 0), after=query.after, until=last)
    more = f"limit={query.limit}" + ("" if last is None else f"&after={last}")
    return FactsShape(facts=[fact_shape(fact) for fact in facts], next=f"{request.path}?{more}")

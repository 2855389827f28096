"""The facts of the whole shop for programs: streams by name or number, and all facts in turn.

Personal fields are readable here, so every look is kept.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from django.http import Http404, HttpRequest
from django.urls import reverse

from orders import event_codec
from orders.domain.streams import CATEGORIES, category_of
from orders.event_store import event_store
from projections.api.order import (
    LOOK,
    MOST_FACTS,
    PageOfFacts,
    fact_shape,
    page_of_facts,
)
from projections.api.shapes import FactsShape, StreamEntry, StreamsShape
from projections.past import facts_of
from projections.views.query_parameters import address_of_next
from projections.views.streams import (
    LONGEST_SEARCH,
    LONGEST_STREAM,
    OF_PEOPLE,
    streams_found,
)
from staff.looks import note_look


class Search(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody looks for."""

    q: Annotated[
        str,
        msgspec.Meta(
            max_length=LONGEST_SEARCH, description="A number, an id, or how a name begins."
        ),
    ] = ""
    before: Annotated[
        str,
        msgspec.Meta(
            max_length=LONGEST_STREAM,
            description="Go on behind this stream, the last of the page before.",
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
    entries, more = streams_found(query.q, query.before)
    note_look(request.user.pk, LOOK, [entry.stream for entry in entries if entry.name])
    return StreamsShape(
        streams=[
            StreamEntry(
                stream=entry.stream,
                kind=entry.kind,
                number=entry.number_text,
                day=entry.day,
                name=entry.name,
                customer=entry.customer,
                first_at=entry.first_at,
                facts=reverse("api_stream", args=(entry.stream,)),
            )
            for entry in entries
        ],
        next=address_of_next(request, "before", entries[-1].stream) if more else None,
    )


def stream(request: HttpRequest, stream: str, query: PageOfFacts) -> FactsShape:
    """The facts of one stream."""
    if category_of(stream) not in CATEGORIES or len(stream) > LONGEST_STREAM:
        raise Http404
    facts = facts_of(stream)
    if not facts:
        raise Http404
    _note_look(request, [stream])
    return page_of_facts(request, facts, query)


def all_facts(request: HttpRequest, query: Following) -> FactsShape:
    """The facts behind a position, in the order of the log. `next` is never None: ask again."""
    stored = event_store().read_all(query.after, query.limit)
    keys = event_codec.key_ring()
    facts = [fact for event in stored if (fact := event_codec.decode(event, keys)) is not None]
    last = stored[-1].position if stored else query.after
    _note_look(request, [fact.stream for fact in facts])
    more = f"limit={query.limit}" + ("" if last is None else f"&after={last}")
    return FactsShape(facts=[fact_shape(fact) for fact in facts], next=f"{request.path}?{more}")


def _note_look(request: HttpRequest, streams: Sequence[str]) -> None:
    people = [stream for stream in dict.fromkeys(streams) if category_of(stream) in OF_PEOPLE]
    note_look(request.user.pk, LOOK, people)

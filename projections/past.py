"""Single orders and whole screens at a time in the past.

An order at T: the facts of its own stream. A screen at T: the orders that could be seen then (one
indexed query), each folded up to T by the functions that make today's rows. Writes nothing.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db import connections

from orders import event_codec
from orders.domain.fact import Fact
from orders.domain.order_status import facts_at
from orders.domain.streams import ORDER
from orders.event_store import event_store
from projections.engine.checkpoints import active_generation, active_rows
from projections.engine.transactions import read_models_alias
from projections.folded_order import FoldedOrder, order_of
from projections.screens.order_tracking import (
    NAME,
    STILL_TO_BE_SEEN,
    TrackedOrder,
    tracked_order_of,
)

LONGEST_SPAN = 26
"""Orders that were to be seen for more than 2²⁶ seconds (two years) are not looked for."""

BEFORE_ANY_SHOP = datetime(1970, 1, 1, tzinfo=UTC)

SEEN_AT = (
    "WITH bounds (span, earliest) AS (VALUES {bounds}) "  # noqa: S608 - a name from the model
    f'SELECT t.* FROM bounds CROSS JOIN "{TrackedOrder._meta.db_table}" AS t '
    "WHERE t.generation = %s AND t.span = bounds.span AND t.since > bounds.earliest "
    "AND t.since <= %s AND (t.until > %s OR t.until IS NULL)"
)
"""In SQL, because an OR of ranges makes SQLite read all rows of a generation."""


def facts_of(stream: str) -> list[Fact]:
    """Every known fact of one stream, from the log, oldest first, personal fields readable.

    Raises `StoreUnavailable`.
    """
    keys = event_codec.key_ring()
    decoded = (event_codec.decode(stored, keys) for stored in event_store().read_stream(stream))
    return [fact for fact in decoded if fact is not None]


def tracked_order_at(
    order: str,
    at: datetime | None = None,
    *,
    as_of: datetime | None = None,
    version: int | None = None,
) -> TrackedOrder | None:
    """One order as its customer saw it then; None if there was none. Raises `StoreUnavailable`.

    `at`: what had happened by then. `as_of`: what was known by then. `version`: after its first
    `version` facts. Without any of them: now, for a page that must not wait for the projector.
    """
    facts = facts_at(facts_of(f"{ORDER}-{order}"), at, as_of, version)
    return tracked_order_of(order_of(order, facts))


def orders_seen_at(at: datetime | None) -> list[FoldedOrder] | None:
    """The orders that could be seen on a staff screen then, as they were; None for now."""
    if at is None:
        return None
    rows = _tracked_orders_seen_at(at)
    return [order_of(row.order, facts_at(row.loaded_facts(), at)) for row in rows]


def orders_at(orders: Collection[str], at: datetime) -> list[FoldedOrder]:
    """Of these orders (hexadecimal ids) those that are known, as they were then."""
    rows = active_rows(TrackedOrder).filter(order__in=list(orders))
    return [order_of(row.order, facts_at(row.loaded_facts(), at)) for row in rows]


def _tracked_orders_seen_at(at: datetime) -> list[TrackedOrder]:
    """An interval of `span` n is shorter than 2ⁿ⁺¹ seconds, so that it began at most that long
    before `at`: each span is one short range of the index.
    """
    alias = read_models_alias()
    connection = connections[alias]
    moment = TrackedOrder._meta.get_field("since").get_db_prep_value
    began_after = {span: at - timedelta(seconds=2 ** (span + 1)) for span in range(LONGEST_SPAN)}
    began_after[STILL_TO_BE_SEEN] = BEFORE_ANY_SHOP
    bounds: list[object] = []
    for span, earliest in began_after.items():
        bounds += [span, moment(earliest, connection)]
    now = moment(at, connection)
    statement = SEEN_AT.format(bounds=", ".join(["(%s, %s)"] * len(began_after)))
    parameters = [*bounds, active_generation(NAME), now, now]
    return list(TrackedOrder.objects.using(alias).raw(statement, parameters))

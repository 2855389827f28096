"""Filters decide by the name of the stream or of the event type."""

import grpc
import pytest

from embedded_eventstore.client_library import (
    construct_filter_exclude_regex,
    construct_filter_include_regex,
)
from embedded_eventstore.protocol.errors import CallRefusedError
from embedded_eventstore.storage.operations import Record
from embedded_eventstore.streams.filters import FilterOptions, parse_filter

pytestmark = pytest.mark.closed_too


def a_record(stream: str = "order-1", type_name: str = "CoffeeOrdered") -> Record:
    return Record(7, stream, 0, type_name, 1, b"")


def by_type(regex: str = "", prefix: tuple[str, ...] = ()) -> FilterOptions:
    expression = FilterOptions.Expression(regex=regex, prefix=prefix)
    return FilterOptions(event_type=expression, max=32, checkpointIntervalMultiplier=1)


@pytest.mark.parametrize(
    ("regex", "type_name", "wanted"),
    [
        (construct_filter_include_regex(["CoffeeOrdered"]), "CoffeeOrdered", True),
        (construct_filter_include_regex(["CoffeeOrdered"]), "CoffeeOrderedTwice", False),
        # Only the ends of the whole alternation are anchored, as the client writes it.
        (construct_filter_include_regex(["Coffee", "Tea"]), "CoffeeOrdered", True),
        (construct_filter_exclude_regex([r"\$.+"]), "$metadata", False),
        (construct_filter_exclude_regex([r"\$.+"]), "CoffeeOrdered", True),
        ("rder", "CoffeeOrdered", True),
        ("coffee", "CoffeeOrdered", False),
        ("(?<drink>Coffee|Tea)Ordered", "TeaOrdered", True),
        ("(?<=Tea)Ordered", "CoffeeOrdered", False),
    ],
)
def test_a_regular_expression_is_searched_for(regex: str, type_name: str, wanted: bool) -> None:
    assert parse_filter(by_type(regex)).matches(a_record(type_name=type_name)) is wanted


def test_one_of_several_prefixes_is_enough() -> None:
    wanted = parse_filter(by_type(prefix=("Tea", "Coffee")))

    assert wanted.matches(a_record(type_name="CoffeeOrdered"))
    assert not wanted.matches(a_record(type_name="OrderPaid"))


def test_a_filter_by_stream_looks_at_the_stream() -> None:
    expression = FilterOptions.Expression(prefix=["order-"])
    options = FilterOptions(stream_identifier=expression, max=32, checkpointIntervalMultiplier=1)

    assert parse_filter(options).matches(a_record(stream="order-9"))
    assert not parse_filter(options).matches(a_record(stream="drawer-9", type_name="order-"))


def test_verdicts_do_not_pile_up() -> None:
    wanted = parse_filter(by_type("^Coffee"))
    for number in range(25_000):
        wanted.matches(a_record(type_name=f"Coffee{number}"))

    assert len(wanted._verdicts) <= 10_000


def test_checkpoints_come_every_window_times_multiplier() -> None:
    options = by_type("x")
    options.max, options.checkpointIntervalMultiplier = 30, 5
    assert parse_filter(options).checkpoint_interval == 150


@pytest.mark.parametrize(
    "options",
    [
        by_type("(unclosed"),
        by_type("a" * 70_000),
        FilterOptions(checkpointIntervalMultiplier=1),
        FilterOptions(event_type=FilterOptions.Expression(regex="x")),
        FilterOptions(max=32),
    ],
    ids=["no regex", "far too long", "of nothing", "no window", "of nothing but a window"],
)
def test_a_filter_that_cannot_be_used_is_refused(options: FilterOptions) -> None:
    with pytest.raises(CallRefusedError) as refused:
        parse_filter(options)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT

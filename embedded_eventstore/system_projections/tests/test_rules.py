"""Which links an event gets."""

import pytest

from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.system_projections.rules import Link, Source, category_of, links_of


def source(stream: str, revision: int = 3, **changes: object) -> Source:
    given = {"type": "CoffeeOrdered", "is_json": True, "data": b"{}", **changes}
    return Source(stream, revision, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stream", "category"),
    [
        ("order-323", "order"),
        ("order-323-a", "order"),
        ("order-", "order"),
        ("order", None),
        ("-323", None),
        ("$ce-order", None),
        ("$$order-323", None),
        ("ördér-1", "ördér"),
    ],
)
def test_the_category_stands_before_the_first_dash(stream: str, category: str | None) -> None:
    assert category_of(stream) == category


def test_an_event_is_linked_by_category_and_by_type() -> None:
    assert links_of(source("order-323")) == [
        Link("$ce-order", b"3@order-323"),
        Link("$et-CoffeeOrdered", b"3@order-323"),
    ]


def test_the_first_event_of_a_stream_names_the_stream() -> None:
    assert Link("$streams", b"0@order-323") in links_of(source("order-323", 0))


def test_a_system_event_is_linked_by_type_only() -> None:
    assert links_of(source("$$order-323", type="$metadata")) == [
        Link("$et-$metadata", b"3@$$order-323")
    ]


def test_a_link_is_passed_on_to_its_category_and_has_no_type() -> None:
    link = source("favourites-7", type="$>", is_json=False, data=b"5@order-323")

    assert links_of(link) == [Link("$ce-favourites", b"5@order-323")]


def test_a_link_in_a_link_stream_gets_no_link() -> None:
    assert links_of(source("$ce-order", type="$>", is_json=False, data=b"5@order-323")) == []


@pytest.mark.parametrize("data", [b"", b"{", b"NaN", b"\xff", b"[" * 100_000])
def test_what_claims_to_be_json_and_is_not_is_passed_over(data: bytes) -> None:
    assert links_of(source("order-323", data=data)) == []
    assert links_of(source("order-323", data=data, is_json=False))


def test_a_soft_deletion_is_linked_in_the_category_of_the_deleted_stream() -> None:
    deletion = source("$$order-323", 1, type="$metadata", data=b'{"$tb":%d}' % TOMBSTONE)

    assert links_of(deletion) == [
        Link("$ce-order", b"1@$$order-323", deletes=True),
        Link("$et-$deleted", b"1@order-323", deletes=True),
    ]


def test_a_tombstone_is_linked_as_well() -> None:
    tombstone = source("order-323", TOMBSTONE, type="$streamDeleted", is_json=False, data=b"")

    assert links_of(tombstone) == [
        Link("$ce-order", b"%d@order-323" % TOMBSTONE, deletes=True),
        Link("$et-$deleted", b"%d@order-323" % TOMBSTONE, deletes=True),
    ]

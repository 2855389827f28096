"""Access rights as pure rules."""

import json

import pytest

from embedded_eventstore.access.accounts import Account
from embedded_eventstore.access.stream_rights import (
    Right,
    governing,
    is_allowed,
    parse_metadata,
    parse_settings,
)

ADMIN = Account("admin", frozenset({"$admins"}))
BARISTA = Account("ada", frozenset({"baristas"}))
EVERY_RIGHT = pytest.mark.parametrize("right", list(Right))


def metadata(**rights: object) -> bytes:
    return json.dumps({"$acl": {f"${name}": roles for name, roles in rights.items()}}).encode()


@EVERY_RIGHT
def test_without_any_list_users_streams_are_everybodys_and_system_streams_the_admins(
    right: Right,
) -> None:
    takes_away = right in {Right.DELETE, Right.WRITE_METADATA}
    assert is_allowed(BARISTA, right, "order-1", {}, {}) is not takes_away
    assert is_allowed(ADMIN, right, "order-1", {}, {})
    assert not is_allowed(BARISTA, right, "$settings", {}, {})
    assert is_allowed(ADMIN, right, "$settings", {}, {})


@EVERY_RIGHT
@pytest.mark.parametrize("stream", ["$all", "$ce-order", "$et-CoffeeOrdered", "$streams"])
def test_what_finds_events_is_everybodys_to_read_only(right: Right, stream: str) -> None:
    assert is_allowed(BARISTA, right, stream, {}, {}) is (right is Right.READ)


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ("$all", True),
        ("ada", True),
        ("baristas", True),
        (["cashiers", "baristas"], True),
        ("$admins", False),
        (["cashiers", "Ada"], False),
        ([], False),
        ("", False),
    ],
)
def test_a_list_names_accounts_and_roles(roles: object, allowed: bool) -> None:
    own = parse_metadata(metadata(r=roles))
    assert is_allowed(BARISTA, Right.READ, "order-1", own, {}) is allowed
    assert is_allowed(ADMIN, Right.READ, "order-1", own, {})
    assert is_allowed(BARISTA, Right.WRITE, "order-1", own, {})


def test_a_streams_own_list_comes_before_the_settings_right_by_right() -> None:
    settings = json.dumps(
        {"$userStreamAcl": {"$r": "$admins", "$w": "$admins"}, "$systemStreamAcl": {"$r": "ada"}}
    ).encode()
    own = parse_metadata(metadata(r="ada"))
    defaults = parse_settings(settings, "order-1")

    assert is_allowed(BARISTA, Right.READ, "order-1", own, defaults)
    assert not is_allowed(BARISTA, Right.WRITE, "order-1", own, defaults)
    assert is_allowed(BARISTA, Right.READ_METADATA, "order-1", own, defaults)
    assert not is_allowed(BARISTA, Right.DELETE, "order-1", own, defaults)
    assert is_allowed(BARISTA, Right.DELETE, "order-1", parse_metadata(metadata(d="ada")), defaults)
    assert is_allowed(BARISTA, Right.READ, "$x", {}, parse_settings(settings, "$x"))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"{}", b'{"$acl": 7}', b'{"$acl": {"$r": 7}}', b'{"$acl": {"$r": [7]}}'],
)
def test_a_list_that_makes_no_sense_says_nothing(raw: bytes) -> None:
    assert parse_metadata(raw) == {}


def test_metadata_is_governed_by_the_stream_it_describes() -> None:
    assert governing(Right.READ, "order-1") == (Right.READ, "order-1")
    assert governing(Right.READ, "$$order-1") == (Right.READ_METADATA, "order-1")
    assert governing(Right.WRITE, "$$order-1") == (Right.WRITE_METADATA, "order-1")
    assert governing(Right.WRITE, "$$$settings") == (Right.WRITE_METADATA, "$settings")
    assert governing(Right.DELETE, "$$order-1") is None
    assert governing(Right.WRITE, "$all") is None
    assert governing(Right.READ, "$all") == (Right.READ, "$all")

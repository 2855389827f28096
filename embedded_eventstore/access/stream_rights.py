"""Rights to read, write and delete a stream: Eventstore's access control lists, as pure rules.

A list names roles and accounts for each right. What a stream's own list does not say, the defaults
of the ``$settings`` stream say, and what they do not say, is built in: users' streams may be read
and written by everybody who logged in, and deleted by administrators, as their metadata may be
written, which can hide events; system streams are for administrators. Knows no storage.
"""

from collections.abc import Mapping
from enum import Enum

from embedded_eventstore.access.accounts import ADMINISTRATORS, Account
from embedded_eventstore.storage.stream_metadata import (
    is_metastream,
    parse_object,
    stream_described_by,
)

ALL_STREAM = "$all"
SETTINGS_STREAM = "$settings"
EVERYBODY = "$all"
"""As a role: whoever logged in."""

_READABLE_SYSTEM_STREAMS = (ALL_STREAM, "$streams")
_READABLE_SYSTEM_PREFIXES = ("$ce-", "$et-", "$category-")
"""What is there to find events by. The original's default is: administrators only."""


class Right(Enum):
    """What one may be allowed to do, by its name in an access control list."""

    READ = "$r"
    WRITE = "$w"
    DELETE = "$d"
    READ_METADATA = "$mr"
    WRITE_METADATA = "$mw"


AccessList = Mapping[Right, frozenset[str]]
"""Roles and names for each right that the list speaks of."""

_TAKES_EVENTS_AWAY = frozenset({Right.DELETE, Right.WRITE_METADATA})
"""The original's default lets everybody do that."""

_BY_METASTREAM = {Right.READ: Right.READ_METADATA, Right.WRITE: Right.WRITE_METADATA}
_ALL_RIGHTS = frozenset({EVERYBODY})
_ADMINS_ONLY = frozenset({ADMINISTRATORS})


def governing(right: Right, stream: str) -> tuple[Right, str] | None:
    """The right and the stream that decide; None when administrators alone may.

    Reading and writing ``$$x`` is reading and writing the metadata of ``x``.
    """
    if stream == ALL_STREAM and right is not Right.READ:
        return None
    if not is_metastream(stream):
        return right, stream
    described = _BY_METASTREAM.get(right)
    return None if described is None else (described, stream_described_by(stream))


def is_allowed(
    account: Account, right: Right, stream: str, own: AccessList, defaults: AccessList
) -> bool:
    """Whether ``account`` may, by the lists of the stream and of the settings."""
    if account.is_admin:
        return True
    roles = own.get(right)
    if roles is None:
        roles = defaults.get(right)
    if roles is None:
        roles = _built_in(right, stream)
    return EVERYBODY in roles or account.name in roles or not roles.isdisjoint(account.roles)


def is_system(stream: str) -> bool:
    return stream.startswith("$")


def parse_metadata(raw: bytes) -> AccessList:
    """The list in a stream's metadata; malformed JSON or wrong types say nothing at all."""
    return _parse_list((parse_object(raw) or {}).get("$acl"))


def parse_settings(raw: bytes, stream: str) -> AccessList:
    """The defaults for a stream in the last event of ``$settings``."""
    key = "$systemStreamAcl" if is_system(stream) else "$userStreamAcl"
    return _parse_list((parse_object(raw) or {}).get(key))


def _built_in(right: Right, stream: str) -> frozenset[str]:
    if not is_system(stream):
        return _ADMINS_ONLY if right in _TAKES_EVENTS_AWAY else _ALL_RIGHTS
    found_by = stream in _READABLE_SYSTEM_STREAMS or stream.startswith(_READABLE_SYSTEM_PREFIXES)
    return _ALL_RIGHTS if found_by and right is Right.READ else _ADMINS_ONLY


def _parse_list(value: object) -> AccessList:
    if not isinstance(value, dict):
        return {}
    parsed = {}
    for right in Right:
        match value.get(right.value):
            case None:
                pass
            case str(role):
                parsed[right] = frozenset({role})
            case [*roles] if all(isinstance(role, str) for role in roles):
                parsed[right] = frozenset(roles)
            case _:
                return {}
    return parsed

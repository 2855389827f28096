"""The shop's own account in a log of somebody else's: made by the log's administrator, once.

The shop logs in as a user that may read and append the shop's facts and nothing else: it can take
no event away, and change no right. Everything here may be done again at any time, and then changes
nothing. Knows KurrentDB's user API and access control lists (`$settings`, the metadata of `$all`);
it gives every user all rights to streams, and `$all` to administrators only.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx

from orders.event_store.log import EventStore
from orders.event_store.log_address import LogAddress
from orders.event_store.stored_event import EventStoreError, NewStoredEvent, WrongRevision

ADMIN = "admin"
ADMINISTRATORS = "$admins"
SETTINGS, SETTINGS_TYPE = "$settings", "update-default-acl"
ALL_METADATA, METADATA_TYPE = "$$$all", "$metadata"
FULL_NAME = "The coffee shop"

CALL_SECONDS = 5.0
PATIENCE = 90.0
"""Seconds for a cluster to elect its leader and to take the administrator's password."""
PAUSE = 1.0
TRY_AGAIN = frozenset({401, 408, 500, 502, 503, 504})
"""Also 401: a cluster knows nobody, not even its administrator, until it has a leader."""


class NoAccount(Exception):
    """The account cannot be made; the message is a sentence for the operator."""


def own_rights(username: str) -> dict[str, list[str]]:
    """The default rights to the streams of a log that holds the shop's facts."""
    mine, admins = [ADMINISTRATORS, username], [ADMINISTRATORS]
    return {"$r": mine, "$w": mine, "$mr": mine, "$d": admins, "$mw": admins}


def make_account(
    address: LogAddress, admin_password: str, *, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Make the user, or give it the password of the address; what was done, as a sentence.

    Raises `NoAccount`, after 90 s if the log does not answer or has no leader.
    """
    if not address.username or not address.password:
        raise NoAccount(
            "EVENTSTORE_URI names no user and password, like "
            "esdb://barstucks:password@log.example.org:2113."
        )
    users = _Users(address, sleep)
    if users.log_in(address.username, address.password):
        return f"{address.username} has this password already."
    new = {
        "loginName": address.username,
        "fullName": FULL_NAME,
        "groups": [],
        "password": address.password,
    }
    made = users.post("/users/", new, admin_password)
    if made.status_code == httpx.codes.CREATED:
        return f"{address.username} is a user of the log now."
    if made.status_code != httpx.codes.CONFLICT:
        raise NoAccount(f"The log made no user: it answered {made.status_code}.")
    path = f"/users/{address.username}/command/reset-password"
    reset = users.post(path, {"newPassword": address.password}, admin_password)
    if reset.status_code != httpx.codes.OK:
        raise NoAccount(f"The log changed no password: it answered {reset.status_code}.")
    return f"{address.username} has a new password."


def give_rights(address: LogAddress, admin_password: str) -> list[str]:
    """Let the user read and append the shop's streams, and only administrators do more.

    What was done, as sentences; nothing where it is so already. Raises `NoAccount`.
    """
    store = EventStore(address.of(ADMIN, admin_password))
    to_read_all = {"$r": [ADMINISTRATORS, address.username]}
    try:
        changes = [
            _grant(store, SETTINGS, SETTINGS_TYPE, "$userStreamAcl", own_rights(address.username)),
            _grant(store, ALL_METADATA, METADATA_TYPE, "$acl", to_read_all),
        ]
    except WrongRevision as wrong:
        raise NoAccount("Somebody else is changing the log's rights: try again.") from wrong
    except EventStoreError as wrong:
        because = repr(wrong.__cause__ or wrong)
        raise NoAccount(f"The rights could not be written: {because}.") from wrong
    finally:
        store.close()
    return [change for change in changes if change]


def _grant(
    store: EventStore, stream: str, type_name: str, name: str, rights: Mapping[str, list[str]]
) -> str:
    """Add names to an access control list; whom an administrator added stays on it."""
    events = store.read_stream(stream)
    said: dict[str, Any] = json.loads(events[-1].data) if events else {}
    before: dict[str, list[str]] = {
        right: [names] if isinstance(names, str) else names
        for right, names in said.get(name, {}).items()
    }
    after = {
        **before,
        **{right: [*dict.fromkeys([*before.get(right, ()), *rights[right]])] for right in rights},
    }
    if after == before:
        return ""
    event = NewStoredEvent(
        event_id=uuid4(),
        type_name=type_name,
        data=json.dumps({**said, name: after}).encode(),
        metadata=b"",
    )
    store.append(stream, events[-1].revision if events else None, [event])
    return f"{stream} says now who may do what."


class _Users:
    """The log's users over HTTP, at whichever host answers."""

    def __init__(self, address: LogAddress, sleep: Callable[[float], None]) -> None:
        try:
            authority = address.authority()
        except OSError as wrong:
            raise NoAccount(f"The log's authority cannot be read: {wrong}.") from wrong
        scheme = "http" if authority is None else "https"
        self._bases = [f"{scheme}://{host}" for host in address.hosts]
        self._verify = authority or False
        self._sleep = sleep

    def log_in(self, username: str, password: str) -> bool:
        """Whether the log knows the user by this password. Asks once: a no may be too early."""
        try:
            answer = self._call("GET", self._bases[0], "/users/$current", None, username, password)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def post(self, path: str, content: Mapping[str, Any], admin_password: str) -> httpx.Response:
        """Send as the administrator until the log has a leader. Raises `NoAccount`."""
        last = "it does not answer"
        for attempt in range(int(PATIENCE / PAUSE)):
            base = self._bases[attempt % len(self._bases)]
            try:
                answer = self._call("POST", base, path, content, ADMIN, admin_password)
            except httpx.TransportError as wrong:
                last = str(wrong) or type(wrong).__name__
            else:
                if answer.status_code not in TRY_AGAIN:
                    return answer
                last = f"it answered {answer.status_code}"
            self._sleep(PAUSE)
        raise NoAccount(f"The log does not take what its administrator says: {last}.")

    def _call(
        self,
        method: str,
        base: str,
        path: str,
        content: Mapping[str, Any] | None,
        username: str,
        password: str,
    ) -> httpx.Response:
        with httpx.Client(verify=self._verify, timeout=CALL_SECONDS, trust_env=False) as client:
            return client.request(method, f"{base}{path}", json=content, auth=(username, password))

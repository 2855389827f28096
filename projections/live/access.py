"""Who may look at a live screen: staff and programs by permission, a customer by a link.

Closed by default. The board alone is open to everybody.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, cast

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from orders.domain.streams import ORDER
from orders.links import order_in
from projections.screens import LIVE_SCREENS, screen_of
from staff.permissions import may
from staff.tokens import bearer_in, user_of_token


def view_in(path_values: dict[str, Any]) -> str | None:
    """The view that the address asks for; None if there is none, or if its link is no link."""
    if "token" in path_values:
        order = order_in(path_values["token"])
        return None if order is None else f"{ORDER}:{order.hex}"
    view = str(path_values.get("view", ""))
    return view if view in LIVE_SCREENS and view != ORDER else None


async def may_look(scope: dict[str, Any], view: str) -> bool:
    """Whether the person at this socket may look at the view now."""
    permission = screen_of(view).permission
    if permission is None:
        return True
    secret = _token_in(scope)
    user = (
        scope.get("user") if secret is None else await database_sync_to_async(user_of_token)(secret)
    )
    return await database_sync_to_async(may)(user or AnonymousUser(), permission)


def _token_in(scope: dict[str, Any]) -> str | None:
    """The token of a program that opened this socket: in a header, as no browser can send it."""
    headers = dict(scope.get("headers") or ())
    return bearer_in(headers.get(b"authorization", b"").decode("latin1"))


def session_needed(scope: dict[str, Any], view: str) -> str:
    """The key of the session without which the view is closed; "" where none is needed."""
    if screen_of(view).permission is None or _token_in(scope) is not None:
        return ""
    return getattr(scope.get("session"), "session_key", None) or ""


def ended(sessions: Iterable[str]) -> set[str]:
    """Which of these sessions there are not any more: somebody logged out, or they were removed."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    return {key for key in sessions if not store.exists(key)}


async def may_still_look(scope: dict[str, Any], view: str) -> bool:
    """The same, with the session and the account as they are now, not as they were at first."""
    if screen_of(view).permission is None:
        return True
    if _token_in(scope) is not None:
        return await may_look(scope, view)
    key = getattr(scope.get("session"), "session_key", None)
    if not key:
        return False
    sessions = import_module(settings.SESSION_ENGINE)
    fresh = {**scope, "session": sessions.SessionStore(key)}
    fresh["user"] = await get_user(cast(Any, fresh))
    return await may_look(fresh, view)

"""Logging out closes the screens of that session, in all web processes, before the response.

Told over the channel layer, where a message may be lost: the broadcaster looks for itself with
every heartbeat which sessions there still are. A session's key is a secret and never sent.
"""

import asyncio
import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from projections.live.broadcaster import running_loop
from projections.live.messages import session_digest
from projections.live.push import GROUP, SEND_SECONDS

logger = logging.getLogger(__name__)


@receiver(user_logged_out)
def close_screens(request: HttpRequest | None, **_signal: Any) -> None:
    """Have every screen of this request's session closed. Never fails, takes a second at most.

    The signal comes while the session still has its key.
    """
    key = getattr(getattr(request, "session", None), "session_key", None)
    if not key:
        return
    try:
        loop = running_loop()
        if loop is None:
            async_to_sync(_tell)(key)
        else:
            asyncio.run_coroutine_threadsafe(_tell(key), loop).result(2 * SEND_SECONDS)
    except Exception as error:  # noqa: BLE001 - the next heartbeat closes them
        logger.warning("the end of a session was not told (%r)", error)


async def _tell(key: str) -> None:
    layer = get_channel_layer()
    if layer is not None:
        message = {"type": "session.ended", "session": session_digest(key)}
        await asyncio.wait_for(layer.group_send(GROUP, message), SEND_SECONDS)

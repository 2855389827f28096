"""A deadline for each request, from the moment it arrives: ASGI middleware.

The web server answers by then, and until then only is anything appended to the log for it.
"""

import time

from barstucks_site.web_server.asgi_request import Application, Receive, Scope, Send
from barstucks_site.web_server.threaded_handler import ANSWER_SECONDS, ANSWER_UNTIL
from orders.event_store import answering_until


class Deadlines:
    """Tells the web server and the log until when a request's client waits."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with a deadline."""
        until = time.monotonic() + ANSWER_SECONDS
        with answering_until(until):
            await self._inner({**scope, ANSWER_UNTIL: until}, receive, send)

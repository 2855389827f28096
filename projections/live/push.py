"""Pushing a commit: its fragments, drawn once, to every web process. After the commit.

Drawn is what somebody looks at, as far as the projector knows (`watched_views`). A push is a hint
that arrives early. One that is lost, late or doubled does no harm, so nothing that goes wrong in
here ever reaches the projector.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Container, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer
from prometheus_client import Counter

from orders import tracing
from orders.shop_state import know_the_shop
from projections.engine.sequences import Committed
from projections.live import watched_views
from projections.live.messages import push_message
from projections.live.watched_views import WatchedViews
from projections.screens import FOLLOW_THE_SHOP, heard_of_the_shop, screen_of

GROUP = "screens"
"""The one group. Its members are the web processes' broadcasters, one each."""

LARGEST_MESSAGE = 100_000
"""Characters of frames in one message; beyond that a message only names the screens."""

SEND_SECONDS = 0.5
LISTEN_AGAIN_SECONDS = 1.0
COMPLAIN_EVERY = 60.0
PAUSE_SECONDS = 0.05
"""Between two messages that only name views, at least: as far as is known nobody looks at them, and
a message for each commit would take a third of the projector's time in a rush."""

WAITING_MOST = 200
"""Messages on their way at most: behind a channel layer that hangs, newer ones are dropped."""

PUSHES = Counter("barstucks_pushes", "Messages to the web processes about changed screens")
LOST = Counter("barstucks_pushes_lost", "Messages that did not get through, or were too many")

logger = logging.getLogger(__name__)


def message_of(committed: Sequence[Committed], watched: Container[str]) -> dict[str, Any]:
    """One message for all views of a commit; drawn are those that are watched.

    `frames` has the finished text of a push by view; `touched` names the views that are to be
    shown by a snapshot, where somebody looks at them. `shop` is the last fact about the shop as a
    whole, if there is one among them: whoever draws has to know it.
    """
    heard = max((heard_of_the_shop(change.changes) for change in committed), default=-1)
    know_the_shop(heard)
    views = [(view, seq, change) for change in committed for view, seq in change.seqs.items()]
    drawn = {
        view: _drawn(view, seq, change) if view in watched else None for view, seq, change in views
    }
    frames = {view: text for view, text in drawn.items() if text is not None}
    if sum(map(len, frames.values())) > LARGEST_MESSAGE:
        frames = {}
    touched = [view for view in drawn if view not in frames]
    message = {"type": "screens.changed", "frames": frames, "touched": touched}
    if heard < 0:
        return message
    return message | {"touched": [*touched, *FOLLOW_THE_SHOP], "shop": heard}


def _drawn(view: str, seq: int, change: Committed) -> str | None:
    try:
        fragments = screen_of(view).fragments_of(change.changes)
    except Exception:
        logger.exception("cannot draw what changed on %s", view)
        return None
    if fragments is None:
        return None
    return push_message(view, change.generation, seq, fragments)


class Pusher:
    """Sends messages over the channel layer from a thread with an event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pusher", daemon=True)
        self._thread.start()
        self._sending: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()
        self._touched: set[str] = set()
        self._touched_sent_at = -PAUSE_SECONDS
        self._complained_at = -COMPLAIN_EVERY
        self._watched = WatchedViews()
        self._listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)

    def __call__(self, committed: Sequence[Committed]) -> None:
        """Draw and send what a commit changed. Returns before it is sent; never raises."""
        if len(self._sending) >= WAITING_MOST:
            LOST.inc()
            return
        with tracing.span("push"):
            message = message_of(committed, self._watched)
            if carried := tracing.traceparent():
                message["traceparent"] = carried
        if message["frames"] or "shop" in message:
            self._loop.call_soon_threadsafe(self._start, message)
        else:
            self._touch(message["touched"])

    def redraw(self, view: str) -> None:
        """Have this view drawn anew wherever somebody looks at it."""
        self._touch([view])

    def close(self) -> None:
        """Send what is on its way, then end the thread."""
        self._listening.cancel()
        finishing = asyncio.run_coroutine_threadsafe(self._finish(), self._loop)
        with suppress(CancelledError, Exception):
            finishing.result(3 * SEND_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=SEND_SECONDS)

    def _touch(self, views: Iterable[str]) -> None:
        """Name these views in the next message that only names views."""
        with self._lock:
            is_first = not self._touched
            self._touched.update(views)
        if is_first:
            self._loop.call_soon_threadsafe(self._send_touched_soon)

    def _send_touched_soon(self) -> None:
        pause = self._touched_sent_at + PAUSE_SECONDS - time.monotonic()
        self._loop.call_later(max(0.0, pause), self._send_touched)

    def _send_touched(self) -> None:
        with self._lock:
            views, self._touched = sorted(self._touched), set()
        self._touched_sent_at = time.monotonic()
        if views:
            self._start({"type": "screens.changed", "frames": {}, "touched": views})

    def _start(self, message: dict[str, Any]) -> None:
        sending = self._loop.create_task(self._send(message))
        self._sending.add(sending)  # the loop alone would let it go
        sending.add_done_callback(self._sending.discard)

    async def _finish(self) -> None:
        self._send_touched()
        if self._sending:
            await asyncio.wait(self._sending, timeout=2 * SEND_SECONDS)

    async def _listen(self) -> None:
        """Hear from the web processes what somebody looks at."""
        while True:
            layer: Any = get_channel_layer()
            try:
                channel = await layer.new_channel("projector")
                await layer.group_add(watched_views.GROUP, channel)
                while True:
                    self._watched.note((await layer.receive(channel))["views"])
            except Exception as error:  # noqa: BLE001 - then every change is shown by a snapshot
                self._complain(error)
                await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            try:
                await self._try(message)
            except Exception:  # noqa: BLE001 - the first send after Redis came back fails
                await self._try(message)
            PUSHES.inc()
        except Exception as error:  # noqa: BLE001 - lossy is fine; screens heal by their heartbeat
            LOST.inc()
            self._complain(error)

    async def _try(self, message: dict[str, Any]) -> None:
        layer = get_channel_layer()
        if layer is not None:
            async with asyncio.timeout(SEND_SECONDS):  # `wait_for` would start another task
                await layer.group_send(GROUP, message)

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._complained_at >= COMPLAIN_EVERY:
            self._complained_at = now
            logger.warning("a push was lost (%r); screens catch up by their heartbeat", error)

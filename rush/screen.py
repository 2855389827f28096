"""A live screen: the rules by which it applies the shop's messages, and its websocket.

A push carries the full state of the changed rows under the view's next number. The number after
the last one is applied, an older one ignored, and anything else answered by asking for a snapshot.
So a lost, doubled or late push does no harm, and the socket may break at any moment. Knows nothing
of coffee.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from rush.client import Browser
from rush.page import Element, read_page

MOST_EARLY = 200
PER_VIEWER = re.compile(r'(name="(?:command_id|csrfmiddlewaretoken)"\s+value=")[^"]*')
"""Made anew for each rendering: no difference between two screens."""

LEFT_OUT = re.compile(r'data-left-out="(\d+)"')

SILENCE_SECONDS = 10
SNAPSHOT_SECONDS = 20
RECONNECT_SECONDS = (0.25, 0.5, 1, 2, 4)


class Received(Enum):
    """What a message meant for the screen."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GAP = "gap"


@dataclass(frozen=True)
class Fragment:
    """One piece of a screen: a ticket, a balance, a count."""

    id: str
    slot: str
    sort: str
    html: str

    @property
    def element(self) -> Element:
        """The fragment as it stands on the page."""
        return read_page(self.html)

    @property
    def comparable(self) -> tuple[str, str, str]:
        """What two screens must agree about."""
        return self.slot, self.sort, PER_VIEWER.sub(r"\1", " ".join(self.html.split()))


@dataclass
class ViewState:
    """The fragments of a view as of one of its numbers."""

    generation: Any = None
    seq: int = -1
    fragments: dict[str, Fragment] = field(default_factory=dict)
    snapshots: int = 0
    gaps: int = 0
    early: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        """How many rows the screen has no room for, as it says itself."""
        said = (LEFT_OUT.search(fragment.html) for fragment in self.fragments.values())
        return sum(int(found[1]) for found in said if found)

    def receive(self, message: Mapping[str, Any]) -> Received:
        """Apply one message of the shop; after a gap, a snapshot is to be asked for."""
        kind, seq = message.get("kind"), message.get("seq", -1)
        if kind == "summary":
            return self._apply(message)
        if kind not in {"snapshot", "push", "heartbeat"}:
            return Received.UNCHANGED
        same = message["generation"] == self.generation
        if kind == "snapshot":
            if same and seq < self.seq:
                return Received.UNCHANGED
            return self._replace(message)
        if same and seq <= self.seq:
            return Received.UNCHANGED
        if kind == "push":
            if same and seq == self.seq + 1:
                return self._apply(message)
            self.early = [*self.early[-MOST_EARLY:], message]
        self.gaps += 1
        return Received.GAP

    def _replace(self, snapshot: Mapping[str, Any]) -> Received:
        self.generation, self.fragments = snapshot["generation"], {}
        self._apply(snapshot)
        self.snapshots += 1
        early, self.early = sorted(self.early, key=lambda push: int(push["seq"])), []
        for push in early:
            self.receive(push)
        return Received.CHANGED

    def _apply(self, message: Mapping[str, Any]) -> Received:
        self.seq = message.get("seq", self.seq)  # a summary has no number
        for fragment in message["fragments"]:
            if fragment.get("html") is None:
                self.fragments.pop(fragment["id"], None)
            else:
                self.fragments[fragment["id"]] = Fragment(
                    id=fragment["id"],
                    slot=fragment.get("slot", ""),
                    sort=str(fragment.get("sort", "")),
                    html=fragment["html"],
                )
        return Received.CHANGED

    def differences(self, other: "ViewState") -> list[str]:
        """The ids of the fragments that the two do not agree about."""
        ours = {name: fragment.comparable for name, fragment in self.fragments.items()}
        theirs = {name: fragment.comparable for name, fragment in other.fragments.items()}
        return sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))


class Screen:
    """A view that is kept current over a websocket; reconnects whenever that breaks."""

    def __init__(
        self, browser: Browser, view: str, watch: Callable[[str, str], None] | None = None
    ) -> None:
        """`watch` is told the id and the HTML of whatever comes to stand on the screen."""
        self.browser = browser
        self.view = view
        self._watch = watch
        self.state = ViewState()
        self.first_seen: dict[str, float] = {}
        self.reconnects = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect and wait for the first snapshot (20 s; raises `TimeoutError`)."""
        self._task = asyncio.create_task(self._run(), name=f"screen {self.view}")
        async with asyncio.timeout(SNAPSHOT_SECONDS):
            while not self.state.snapshots:
                await self.wait_for_change(1)

    async def close(self) -> None:
        """Disconnect."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait_for_change(self, seconds: float) -> None:
        """Return as soon as something changes, or after so many seconds."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _run(self) -> None:
        failures = 0
        while True:
            snapshots = self.state.snapshots
            with suppress(OSError, WebSocketException, TimeoutError):
                async with _connect(self.browser, self.view) as socket:
                    await self._listen(socket)
            failures = 0 if self.state.snapshots > snapshots else failures + 1
            self.reconnects += 1
            await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = json.loads(await socket.recv())
            received = self.state.receive(message)
            if received is Received.GAP:
                await socket.send(json.dumps({"kind": "snapshot"}))
            elif received is Received.CHANGED:
                arrived = time.monotonic()
                for fragment in message["fragments"]:
                    self.first_seen.setdefault(fragment["id"], arrived)
                    if self._watch is not None and fragment.get("html"):
                        self._watch(fragment["id"], fragment["html"])
                self._changed.set()


async def fresh_state(browser: Browser, view: str) -> ViewState:
    """What somebody sees who opens the view at this moment (20 s; raises `TimeoutError`)."""
    state = ViewState()
    async with asyncio.timeout(SNAPSHOT_SECONDS):
        while not state.snapshots:
            with suppress(OSError, WebSocketException):
                async with _connect(browser, view) as socket:
                    while not state.snapshots:
                        state.receive(json.loads(await socket.recv()))
            await asyncio.sleep(0.1)
    return state


def _connect(browser: Browser, view: str) -> connect:
    url = browser.session.url
    query = f"?lang={browser.language}" if browser.language else ""
    return connect(
        f"ws{url.removeprefix('http')}/ws/{view}/{query}",
        origin=Origin(url),
        additional_headers={"Cookie": browser.cookie_header},
        proxy=None,
        open_timeout=5,
        close_timeout=1,
        max_size=16 * 2**20,
    )

"""An open live screen, for tests: listens while somebody waits for something to stand there.

Knows the protocol of live screens (as the rush does) and the ids of orders; no page.
"""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from rush.cards import Card, cards_by_order
from rush.screen import Received, ViewState
from tests.visitor import SCREEN_SECONDS, PlacedOrder, Visitor


def open_socket(
    visitor: Visitor, view: str, origin: str
) -> AbstractContextManager[ClientConnection]:
    """The websocket of a view, with the visitor's cookies; `origin` "" sends none."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    return connect(
        f"ws{visitor.url.removeprefix('http')}/ws/{view}/",
        origin=Origin(origin) if origin else None,
        additional_headers={"Cookie": cookies},
        proxy=None,
        open_timeout=10,
        max_size=16 * 2**20,
    )


ASK_SECONDS = 0.6
"""The shop closes a socket that asks more often than twenty times in ten seconds. What is still
missing then shows at the next push, or at the heartbeat."""


class LiveView:
    """An open live screen. Only takes in messages while somebody waits for something."""

    def __init__(self, visitor: Visitor, view: str) -> None:
        self.name = view
        self.state = ViewState()
        self._asked = 0.0
        self._open = ExitStack()
        self._socket = self._open.enter_context(open_socket(visitor, view, visitor.url))
        self.until(lambda view: view.state.snapshots > 0, "a first snapshot")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def until(self, right: Callable[["LiveView"], bool], wanted: str) -> None:
        """Listen until the screen is right; fails after 15 s, saying what was wanted."""
        deadline = time.monotonic() + SCREEN_SECONDS
        while not right(self):
            left = deadline - time.monotonic()
            assert left > 0, f"Waited for {wanted}; on the screen: {sorted(self.state.fragments)}"
            try:
                message: dict[str, Any] = json.loads(self._socket.recv(timeout=left))
            except TimeoutError:
                continue
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        is_due = time.monotonic() - self._asked >= ASK_SECONDS
        if self.state.receive(message) is Received.GAP and is_due:
            self.ask()

    def ask(self) -> None:
        """Ask for the whole screen."""
        self._asked = time.monotonic()
        self._socket.send(json.dumps({"kind": "snapshot"}))

    def drain(self, seconds: float = 0.5) -> None:
        """Take in what has arrived, until nothing comes for so long."""
        while True:
            try:
                message: dict[str, Any] = json.loads(self._socket.recv(timeout=seconds))
            except TimeoutError:
                return
            self._take(message)

    def card(self, order: str) -> Card | None:
        """The card of an order as it stands there."""
        return cards_by_order(self.state).get(order)

    def comes_to_show(self, order: str) -> bool:
        """Listen until the order stands there; False if it does not within 15 s."""
        try:
            self.until(lambda view: view.card(order) is not None, order)
        except AssertionError:
            return False
        return True

    def wait_for(self, placed: PlacedOrder, *actions: str) -> Card:
        """Listen until the order's card offers all these actions."""

        def offered(view: "LiveView") -> bool:
            card = view.card(placed.order)
            return card is not None and all(card.offers(action) for action in actions)

        self.until(offered, f"{placed.order} with {actions}")
        card = self.card(placed.order)
        assert card is not None
        return card

    def wait_for_text(self, placed: PlacedOrder, words: str) -> None:
        """Listen until the order's card says so."""

        def said(view: "LiveView") -> bool:
            card = view.card(placed.order)
            return card is not None and words in card.fragment.element.text

        self.until(said, f"{placed.order} with {words!r}")

    def wait_until_gone(self, placed: PlacedOrder) -> None:
        """Listen until the order no longer stands there."""
        self.until(lambda view: view.card(placed.order) is None, f"{placed.order} to go")

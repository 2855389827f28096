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

from rush.offers import Card, card_of
from rush.picture import Heard, Picture
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


class LiveView:
    """An open live screen. Only takes in messages while somebody waits for something."""

    def __init__(self, visitor: Visitor, view: str) -> None:
        self.picture = Picture()
        self._open = ExitStack()
        self._socket = self._open.enter_context(open_socket(visitor, view, visitor.url))
        self.until(lambda view: view.picture.snapshots > 0, "a first picture")

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
            assert left > 0, f"Waited for {wanted}; on the screen: {sorted(self.picture.fragments)}"
            try:
                told: dict[str, Any] = json.loads(self._socket.recv(timeout=left))
            except TimeoutError:
                continue
            if self.picture.hear(told) is Heard.GAP:
                self._socket.send(json.dumps({"kind": "snapshot"}))

    def card(self, order: str) -> Card | None:
        """The card of an order as it stands there."""
        found = (card_of(fragment) for fragment in self.picture.fragments.values())
        return next((card for card in found if card is not None and card.order == order), None)

    def wait_for(self, placed: PlacedOrder, *actions: str) -> Card:
        """Listen until the order's card offers all these actions."""

        def offered(view: "LiveView") -> bool:
            card = view.card(placed.order)
            return card is not None and all(card.offer(action) for action in actions)

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

"""A shift: who may begin something now, who is busy, and what was refused on which card.

The pause it allows is what makes the screens comparable: nobody presses anything meanwhile.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rush.offers import Card, card_on
from rush.page import Form
from rush.screen import Screen

SCREEN_PATIENCE_SECONDS = 30
REFUSED_SECONDS = 5


class Shift:
    """What the staff of one rush share. `pace` is the length of one step, in seconds."""

    def __init__(self, pace: float) -> None:
        self._pace = pace
        self._open = asyncio.Event()
        self._open.set()
        self._busy = 0
        self._refused: dict[str, tuple[str, float]] = {}

    def pause(self) -> None:
        """Nobody begins anything new."""
        self._open.clear()

    def go_on(self) -> None:
        """Back to work."""
        self._open.set()

    @property
    def hands_are_free(self) -> bool:
        """Whether nobody is in the middle of something."""
        return self._busy == 0

    async def may_begin(self) -> None:
        """Wait while the shift pauses."""
        await self._open.wait()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Somebody is in the middle of something."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def moment(self, chance: random.Random) -> None:
        """As long as one step takes a person."""
        await asyncio.sleep(chance.uniform(0.5, 1.5) * self._pace)

    def refused(self, card: Card) -> None:
        """The shop said no to something on this card as it looked then."""
        self._refused[card.order] = (card.fragment.html, time.monotonic())

    def was_refused(self, card: Card) -> bool:
        """Whether the card still looks as it did at the refusal, a moment ago."""
        html, when = self._refused.get(card.order, ("", 0.0))
        return html == card.fragment.html and time.monotonic() - when < REFUSED_SECONDS

    async def until_gone(self, screen: Screen, order: str, form: Form) -> bool:
        """Wait until the screen no longer offers this form; False if it always does (30 s)."""
        deadline = time.monotonic() + SCREEN_PATIENCE_SECONDS
        while still_offered(screen, order, form) is not None:
            if time.monotonic() > deadline:
                return False
            await screen.wait_for_change(0.5)
        return True


def still_offered(screen: Screen, order: str, form: Form) -> Card | None:
    """The card of an order as it stands there now, if it still offers this form."""
    card = card_on(screen, order)
    if card is None:
        return None
    same = (form.action, form.value("line"))
    offered = {(each.action, each.value("line")) for _, each in card.offers}
    return card if same in offered else None

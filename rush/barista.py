"""A simulated barista: watches the live queue, takes, ticks and calls ready.

Knows only what stands on the screen, and presses only what the screen offers.
"""

import random
from dataclasses import dataclass

from rush.browser import Browser
from rush.ledger import Ledger, Step
from rush.offers import Card, cards, press
from rush.page import Form
from rush.screen import Screen
from rush.shift import Shift, still_offered

VIEW = "barista-queue"
STEPS = {"take": Step.TAKEN, "ready": Step.READY, "stop": Step.STOPPED, "tick": "ticked"}


@dataclass(frozen=True)
class Next:
    """What the barista is about to press."""

    card: Card
    action: str
    form: Form


class Barista:
    """One pair of hands at the bar.

    `taken_here` is shared by those who work under one name: they see each other. Those with
    different names do not, and race for the same order now and then.
    """

    def __init__(
        self,
        browser: Browser,
        ledger: Ledger,
        chance: random.Random,
        shift: Shift,
        taken_here: set[str],
    ) -> None:
        self.screen = Screen(browser, VIEW)
        self._browser = browser
        self._ledger = ledger
        self._chance = chance
        self._shift = shift
        self._taken_here = taken_here
        self._mine: set[str] = set()

    async def work(self) -> None:
        """Do what the screen asks for, until cancelled."""
        while True:
            await self._shift.may_begin()
            wish = self._look()
            if wish is None:
                await self.screen.wait_for_change(1)
                continue
            with self._shift.busy():
                await self._do(wish)

    def _look(self) -> Next | None:
        """A stopped order first, then the one in hand, then one of the two oldest that wait."""
        waiting: list[Next] = []
        for card in cards(self.screen):
            if self._shift.was_refused(card):
                continue
            if card.order in self._mine:
                for action in ("stop", "tick", "ready"):
                    form = card.offer(action)
                    if form is not None:
                        return Next(card, action, form)
            take = card.offer("take")
            if take is not None and card.order not in self._taken_here:
                waiting.append(Next(card, "take", take))
        return self._chance.choice(waiting[:2]) if waiting else None

    async def _do(self, wish: Next) -> None:
        if wish.action == "take":
            self._taken_here.add(wish.card.order)
        else:
            await self._shift.moment(self._chance)
            if still_offered(self.screen, wish.card.order, wish.form) is None:
                return
        answers = {}
        if wish.action == "stop":
            answers["disposition"] = self._chance.choice(("stopped in time", "wasted"))
        step = STEPS[wish.action]
        answer = await press(self._browser, self._ledger, step, wish.card, wish.form, **answers)
        if answer is None:
            self._mine.add(wish.card.order)
            return
        if answer.status >= 300:
            self._shift.refused(wish.card)
            return
        self._mine.add(wish.card.order)
        if wish.action != "tick":
            self._ledger.did(step, wish.card.order, "barista")
        if not await self._shift.until_gone(self.screen, wish.card.order, wish.form):
            self._ledger.puzzle(
                f"{wish.action} of {wish.card.order} was acknowledged, "
                "but the bar's screen never showed it."
            )

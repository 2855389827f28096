"""A simulated cashier: watches the desk, takes money, hands over what is ready.

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

VIEW = "cashier-desk"
STEPS = {
    "cash": Step.PAID,
    "card-by-hand": Step.PAID,
    "serve": Step.SERVED,
    "refund": "refund started",
    "give-back": "given back",
}


@dataclass(frozen=True)
class Next:
    """What the cashier is about to press."""

    card: Card
    action: str
    form: Form


class Cashier:
    """One person at the till."""

    def __init__(
        self,
        browser: Browser,
        ledger: Ledger,
        chance: random.Random,
        shift: Shift,
        in_hand: set[str],
    ) -> None:
        self.screen = Screen(browser, VIEW)
        self._browser = browser
        self._ledger = ledger
        self._chance = chance
        self._shift = shift
        self._in_hand = in_hand

    async def work(self) -> None:
        """Do what the screen asks for, until cancelled."""
        while True:
            await self._shift.may_begin()
            wish = self._look()
            if wish is None:
                await self.screen.wait_for_change(1)
                continue
            self._in_hand.add(wish.card.order)
            try:
                with self._shift.busy():
                    await self._do(wish)
            finally:
                self._in_hand.discard(wish.card.order)

    def _look(self) -> Next | None:
        """Money owed to the customer first, then hand over, then take money: any of those."""
        for wanted in (("give-back", "refund"), ("serve",), ("cash",)):
            offered = [
                Next(card, action, form)
                for card in cards(self.screen)
                if card.order not in self._in_hand and not self._shift.was_refused(card)
                for action in wanted
                if (form := card.offer(action)) is not None and self._sensible(card, action)
            ]
            if offered:
                return self._chance.choice(offered[:3])
        return None

    def _sensible(self, card: Card, action: str) -> bool:
        """Paid orders can be refunded at any time: only for cancelled ones is it wanted."""
        if action in {"refund", "give-back"}:
            known = self._ledger.orders.get(card.order)
            return known is not None and known.has(Step.CANCELLED)
        if action == "serve":
            return card.offer("cash") is None
        return True

    async def _do(self, wish: Next) -> None:
        await self._shift.moment(self._chance)
        if still_offered(self.screen, wish.card.order, wish.form) is None:
            return
        action, form, answers = wish.action, wish.form, dict[str, str]()
        by_hand = wish.card.offer("card-by-hand")
        if action == "cash" and by_hand is not None and self._chance.random() < 0.4:
            action, form = "card-by-hand", by_hand
        elif action == "cash":
            answers["given"] = self._given(wish.card, form)
        elif action in {"refund", "give-back"}:
            answers["reason"] = "cancelled"
        step = STEPS[action]
        answer = await press(self._browser, self._ledger, step, wish.card, form, **answers)
        if answer is None:
            return
        if answer.status >= 300:
            self._shift.refused(wish.card)
            return
        self._ledger.did(step, wish.card.order, "cashier")
        if not await self._shift.until_gone(self.screen, wish.card.order, form):
            self._ledger.puzzle(
                f"{action} of {wish.card.order} was acknowledged, "
                "but the cashier's screen never showed it."
            )

    def _given(self, card: Card, form: Form) -> str:
        """What the customer hands over: the exact sum, or notes."""
        return form.value("given")

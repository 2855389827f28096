"""What a cashier does now and then besides taking money and handing over.

Each function does one thing with the card of an order, once; `rush/habits.py` says how often.
"""

from typing import TYPE_CHECKING

from rush.cards import Card

if TYPE_CHECKING:
    from rush.staff import Cashier


async def cancel(cashier: "Cashier", card: Card) -> None:
    """Call it off for the shop."""
    form = card.form("cancel")
    if form is not None:
        await cashier.press(card, form, {"reason": "something is missing"})


async def not_collected(cashier: "Cashier", card: Card) -> None:
    """Nobody came for what is ready and paid."""
    form = card.form("not-collected")
    if form is not None and not card.offers("cash"):
        await cashier.press(card, form, {})

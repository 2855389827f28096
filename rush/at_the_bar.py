"""What a barista does now and then besides taking, ticking and making ready.

Each function does one thing with the card of an order, once; `rush/habits.py` says how often.
"""

import time
from typing import TYPE_CHECKING

from rush.cards import Card
from rush.journal import Step
from rush.page import NoSuchForm

if TYPE_CHECKING:
    from rush.staff import Barista

HOLD_REASON = "the customer is on the way"
RUSH_REASONS = ("waited long", "accessibility")
REMAKE_REASONS = ("wrong", "spilled", "taken", "quality")


async def hold(barista: "Barista", card: Card) -> None:
    """Wait with the order until somebody says so; who holds goes on with it a little later."""
    if await _from_the_sheet(barista, card, "hold", {"reason": HOLD_REASON}):
        barista.team.held[card.order] = time.monotonic()
        barista.let_go(card.order)  # somebody may have taken it at the same moment


async def put_first(barista: "Barista", card: Card) -> None:
    """Have it made before those that came earlier. Refused while two others are."""
    await _from_the_sheet(barista, card, "rush", {"reason": barista.chance.choice(RUSH_REASONS)})


async def make_from_the_drinks(barista: "Barista", card: Card) -> None:
    """Make its one drink where equal ones stand together, if it is the oldest of them.

    Only an order of one line is certainly ready with it.
    """
    drinks = barista.screen.state.fragments.get("drinks")
    ending = f"/{card.order}/line-ready/"
    forms = drinks.element.forms() if drinks and len(card.lines) == 1 else []
    form = next((form for form in forms if form.path.endswith(ending)), None)
    if form is not None:
        await barista.press(card, form, {})


async def release(barista: "Barista", card: Card) -> None:
    """Give the order back to the queue."""
    form = card.form("release")
    if form is not None and await barista.press(card, form, {}):
        barista.let_go(card.order)


async def put_back(barista: "Barista", card: Card) -> None:
    """It was called ready too early."""
    form = card.form("bring-back")
    if form is not None:
        await barista.press(card, form, {"reason": "misbump"})


async def remake(barista: "Barista", card: Card) -> None:
    """Make it again: one of its lines, if there are several."""
    form = [form for form in card.forms if form.name == "bring-back"][-1]
    values = {"reason": barista.chance.choice(REMAKE_REASONS)}
    lines = [choice.name for choice in form.choices if choice.name.startswith("line-")]
    if lines:
        values[barista.chance.choice(lines)] = "1"
    order = barista.journal.orders.get(card.order)
    if order is not None and order.has(Step.STOPPED, Step.CANCELLED):
        return
    if await barista.press(card, form, values):
        barista.let_go(card.order)


async def _from_the_sheet(
    barista: "Barista", card: Card, action: str, values: dict[str, str]
) -> bool:
    """Press a button of the sheet about the order's place in the queue."""
    page = await barista.browser.open(f"/bar/place/?order={card.order}")
    try:
        form = page.form(ending=f"/{card.order}/{action}/")
    except NoSuchForm:
        return False  # it has left the queue meanwhile
    return await barista.press(card, form, values)

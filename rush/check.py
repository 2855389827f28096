"""Whether the shop's screens say what was acknowledged, on screens opened as somebody who comes in.

An order that stands nowhere it must stand is the one fault a shop cannot have.
"""

import asyncio
from collections.abc import Iterable, Sequence

from rush.cards import cards_by_order
from rush.client import Browser, NoResponse
from rush.journal import AcknowledgedOrder, Step
from rush.screen import Screen, ViewState, fresh_state

QUIET_SECONDS = 30
TO_MAKE = ("take", "one-tap", "tick", "ready", "resume")
SERVED_STEP, OFF_STEP = "4", "0"
"""How a customer's page counts the steps of an order."""

TO_ANSWER = ("stop", "too-late")


async def wait_until_equal(screens: Sequence[Screen]) -> list[str]:
    """Wait until every open screen equals one opened now (30 s); what still differs, in words."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + QUIET_SECONDS
    while True:
        differences = [words for screen in screens for words in await _differences(screen)]
        if not differences or loop.time() > deadline:
            return differences
        await asyncio.sleep(0.5)


async def _differences(screen: Screen) -> list[str]:
    try:
        fresh = await fresh_state(screen.browser, screen.view)
    except TimeoutError:
        return [f"The screen {screen.view} cannot be opened any more."]
    shown = screen.state
    differing = fresh.differences(shown)
    if not differing:
        return []
    places = ", ".join(f"{name} ({_difference(name, fresh, shown)})" for name in differing[:5])
    which = f"An open {screen.view} at {shown.seq} differs from a fresh one at {fresh.seq}"
    return [f"{which} in {len(differing)} places: {places}"]


def _difference(fragment: str, fresh: ViewState, shown: ViewState) -> str:
    if fragment not in fresh.fragments:
        return "only on the open one"
    if fragment not in shown.fragments:
        return "only on the fresh one"
    return "unlike"


async def check_screens(
    orders: Sequence[AcknowledgedOrder], bar: Screen, desk: Screen, board: Screen
) -> list[str]:
    """What is wrong on the three screens, opened now; raises `TimeoutError`."""
    return [
        *check_bar(orders, await fresh_state(bar.browser, bar.view)),
        *check_desk(orders, await fresh_state(desk.browser, desk.view)),
        *check_board(orders, await fresh_state(board.browser, board.view)),
    ]


def check_bar(orders: Iterable[AcknowledgedOrder], state: ViewState) -> list[str]:
    """What waits or is being made must stand at the bar; what is ready or off, no longer."""
    cards = cards_by_order(state)
    wrong: list[str] = []
    missing: list[str] = []
    for order in orders:
        card = cards.get(order.order)
        offered = card is not None and card.offers(*TO_MAKE, *TO_ANSWER)
        over = order.has(Step.READY, Step.STOPPED, Step.CANCELLED)
        if over and card is not None and card.offers(*TO_MAKE):
            wrong.append(f"{order.order} is done, but the bar still offers to make it.")
        if not over and not order.doubtful and not offered:
            sentence = f"{order.order} was acknowledged, but it does not stand at the bar."
            (missing if card is None else wrong).append(sentence)
    return [*wrong, *_beyond(state, missing)]


def _beyond(state: ViewState, missing: Sequence[str]) -> Sequence[str]:
    """What is missing, unless the screen says that it has no room for as many."""
    distinct = {sentence.split()[0] for sentence in missing}
    return missing if len(distinct) > state.left_out else []


def check_desk(orders: Iterable[AcknowledgedOrder], state: ViewState) -> list[str]:
    """What is to be paid or handed over must stand at the till; what is over, no longer."""
    cards = cards_by_order(state)
    wrong: list[str] = []
    missing: list[str] = []
    for order in orders:
        if order.doubtful or order.has(Step.CANCELLED, Step.STOPPED):
            continue
        card = cards.get(order.order)
        asks_for_money = card is not None and card.offers("cash")
        offers_to_serve = card is not None and card.offers("serve")
        paid, served = order.has(Step.PAID), order.has(Step.SERVED)
        waits = order.has(Step.READY) and not order.is_over
        if order.tender == "counter" and not paid and not asks_for_money:
            sentence = f"{order.order} is not paid, but the till does not ask for the money."
            (missing if card is None else wrong).append(sentence)
        if paid and asks_for_money:
            wrong.append(f"{order.order} is paid, but the till asks for the money again.")
        if waits and card is None:
            missing.append(f"{order.order} is ready, but it does not stand at the till.")
        elif waits and paid and not offers_to_serve:
            wrong.append(f"{order.order} is ready, but the till does not offer to hand it over.")
        if served and offers_to_serve:
            wrong.append(f"{order.order} is served, but the till offers to hand it over again.")
    return [*wrong, *_beyond(state, missing)]


def check_board(orders: Iterable[AcknowledgedOrder], state: ViewState) -> list[str]:
    """What is to be made or fetched must stand on the board, ready or not; the rest no longer."""
    cards = cards_by_order(state)
    wrong: list[str] = []
    missing: list[str] = []
    for order in orders:
        card = cards.get(order.order)
        over = order.is_over
        if over and card is not None:
            wrong.append(f"{order.order} is over, but the board still shows it.")
        if over or order.doubtful:
            continue
        if card is None:
            missing.append(f"{order.order} was acknowledged, but the board does not show it.")
        elif order.has(Step.READY) != (card.fragment.slot == "ready"):
            wrong.append(f"{order.order} stands in the wrong column of the board.")
    return [*wrong, *_beyond(state, missing)]


async def check_tracking(
    orders: Iterable[AcknowledgedOrder], browser: Browser
) -> tuple[int, list[str]]:
    """How many pages say that the order is paid; and what is wrong with the pages.

    Every acknowledged order has its page, and the page says how far the order is.
    """
    paid, wrong = 0, []
    for order in orders:
        try:
            page = await browser.open(order.tracking)
        except NoResponse:
            wrong.append(f"The page of {order.order} does not answer.")
            continue
        tracking = page.find_all(id="tracking", data_order=order.order)
        if not tracking:
            wrong.append(f"{order.order} was acknowledged, but its page says: {page.text[:200]}")
            continue
        paid += bool(tracking[0].find_all(data_money="paid"))
        said = tracking[0].attributes
        if order.has(Step.SERVED) and said.get("data-step") != SERVED_STEP:
            wrong.append(f"{order.order} is served, but its page says: {said.get('data-said')}")
        if order.has(Step.CANCELLED) and said.get("data-step") != OFF_STEP:
            wrong.append(f"{order.order} is cancelled, but its page says: {said.get('data-said')}")
    return paid, wrong

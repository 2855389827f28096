"""Whether the shop's screens say what was acknowledged. Reads them fresh, as a person who comes in.

An order that stands nowhere it must stand is the one fault a shop cannot have.
"""

import asyncio
from collections.abc import Iterable, Sequence

from rush.browser import Browser, NoAnswer
from rush.ledger import AcknowledgedOrder, Ledger, Step
from rush.offers import Card, card_of
from rush.picture import Picture
from rush.screen import Screen, fresh_picture

QUIET_SECONDS = 30


async def wait_until_equal(screens: Sequence[Screen]) -> list[str]:
    """Wait until every open screen equals one opened now (30 s); what still differs, in words."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + QUIET_SECONDS
    while True:
        different = [said for screen in screens for said in await _difference(screen)]
        if not different or loop.time() > deadline:
            return different
        await asyncio.sleep(0.5)


async def _difference(screen: Screen) -> list[str]:
    try:
        fresh = await fresh_picture(screen.browser, screen.view)
    except TimeoutError:
        return [f"The screen {screen.view} cannot be opened any more."]
    shown = screen.picture
    differing = fresh.differences(shown)
    if not differing:
        return []
    told = ", ".join(f"{each} ({_how(each, fresh, shown)})" for each in differing[:5])
    which = f"An open {screen.view} at {shown.seq} differs from a fresh one at {fresh.seq}"
    return [f"{which} in {len(differing)} places: {told}"]


def _how(fragment: str, fresh: Picture, shown: Picture) -> str:
    if fragment not in fresh.fragments:
        return "only on the open one"
    if fragment not in shown.fragments:
        return "only on the fresh one"
    return "unlike"


def check_bar(orders: Iterable[AcknowledgedOrder], picture: Picture) -> list[str]:
    """What waits or is being made must stand at the bar; what is ready or off, no longer."""
    standing = by_order(picture)
    wrong = []
    for order in orders:
        card = standing.get(order.order)
        over = order.has(Step.READY) or order.has(Step.STOPPED) or order.has(Step.CANCELLED)
        if over and _offers(card, "take", "tick", "ready"):
            wrong.append(f"{order.order} is done, but the bar still offers to make it.")
        perhaps_over = over or order.doubtful
        if not perhaps_over and not _offers(card, "take", "tick", "ready"):
            wrong.append(f"{order.order} was acknowledged, but it does not stand at the bar.")
    return wrong


def check_desk(orders: Iterable[AcknowledgedOrder], picture: Picture) -> list[str]:
    """What is to be paid or handed over must stand at the till; what is over, no longer."""
    standing = by_order(picture)
    wrong = []
    for order in orders:
        card = standing.get(order.order)
        if order.doubtful or order.has(Step.CANCELLED):
            continue
        if order.tender == "counter" and not order.has(Step.PAID) and not _offers(card, "cash"):
            wrong.append(f"{order.order} is not paid, but the till does not ask for the money.")
        if order.has(Step.PAID) and _offers(card, "cash"):
            wrong.append(f"{order.order} is paid, but the till asks for the money again.")
        ready, served = order.has(Step.READY), order.has(Step.SERVED)
        if ready and not served and card is None:
            wrong.append(f"{order.order} is ready, but it does not stand at the till.")
        elif ready and not served and order.has(Step.PAID) and not _offers(card, "serve"):
            wrong.append(f"{order.order} is ready, but the till does not offer to hand it over.")
        if served and _offers(card, "serve"):
            wrong.append(f"{order.order} is served, but the till offers to hand it over again.")
    return wrong


def check_board(orders: Iterable[AcknowledgedOrder], picture: Picture) -> list[str]:
    """What is to be made or fetched must stand on the board, ready or not; the rest no longer."""
    standing = by_order(picture)
    wrong = []
    for order in orders:
        card = standing.get(order.order)
        over = order.has(Step.SERVED) or order.has(Step.CANCELLED)
        if over and card is not None:
            wrong.append(f"{order.order} is over, but the board still shows it.")
        if over or order.doubtful:
            continue
        if card is None:
            wrong.append(f"{order.order} was acknowledged, but the board does not show it.")
        elif order.has(Step.READY) != (card.fragment.slot == "ready"):
            wrong.append(f"{order.order} stands in the wrong column of the board.")
    return wrong


async def check_tracking(ledger: Ledger, browser: Browser) -> tuple[int, list[str]]:
    """How many pages say that the order is paid; and what is wrong with the pages.

    Every acknowledged order has its page, and the page says how far the order is.
    """
    paid, wrong = 0, []
    for order in ledger.orders.values():
        try:
            answer = await browser.open(order.tracking)
        except NoAnswer:
            wrong.append(f"The page of {order.order} does not answer.")
            continue
        page = answer.page
        shown = page.find_all(id="tracking", data_order=order.order)
        if answer.status != 200 or not shown:
            wrong.append(f"{order.order} was acknowledged, but its page says {answer.status}.")
            continue
        paid += bool(shown[0].find_all(data_money="paid"))
        said = shown[0].attributes.get("data-said", "")
        if order.has(Step.SERVED) and not said.startswith("Enjoy"):
            wrong.append(f"{order.order} is served, but its page says: {said}")
        if order.has(Step.CANCELLED) and "ancel" not in said:
            wrong.append(f"{order.order} is cancelled, but its page says: {said}")
    return paid, wrong


def by_order(picture: Picture) -> dict[str, Card]:
    """The cards of a picture, by the id of their order."""
    found = (card_of(fragment) for fragment in picture.fragments.values())
    return {card.order: card for card in found if card is not None}


def _offers(card: Card | None, *actions: str) -> bool:
    return card is not None and any(card.offer(action) is not None for action in actions)


async def check_everything(ledger: Ledger, bar: Screen, desk: Screen, board: Screen) -> list[str]:
    """All of it, on screens opened now."""
    orders = list(ledger.orders.values())
    wrong = check_bar(orders, await fresh_picture(bar.browser, bar.view))
    wrong += check_desk(orders, await fresh_picture(desk.browser, desk.view))
    wrong += check_board(orders, await fresh_picture(board.browser, board.view))
    return wrong

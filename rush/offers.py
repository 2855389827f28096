"""What a live screen offers to do: which order a fragment is about, and which buttons it shows.

The one place that knows how the shop's fragments name an order and its actions.
"""

import uuid
from dataclasses import dataclass

from rush.browser import Answer, Browser, NoAnswer
from rush.ledger import Ledger
from rush.page import Form
from rush.picture import Fragment
from rush.screen import Screen


@dataclass(frozen=True)
class Card:
    """One order as it stands on a staff screen."""

    order: str
    fragment: Fragment
    offers: tuple[tuple[str, Form], ...]

    def offer(self, action: str) -> Form | None:
        """The first form for that action, if the card shows one."""
        return next((form for name, form in self.offers if name == action), None)

    def all_offers(self, action: str) -> list[Form]:
        """Every form for that action: one per line, for ticks."""
        return [form for name, form in self.offers if name == action]


def cards(screen: Screen) -> list[Card]:
    """The orders on the screen, in its order."""
    return [card for fragment in screen.fragments() if (card := card_of(fragment)) is not None]


def card_on(screen: Screen, order: str) -> Card | None:
    """The card of one order, if it stands on the screen."""
    return next((card for card in cards(screen) if card.order == order), None)


def card_of(fragment: Fragment) -> Card | None:
    """The order a fragment is about, or None if it is about something else."""
    element = fragment.element
    about = element.with_attribute("data-order")
    if not about:
        return None
    offers = tuple(
        (form.action.partition("?")[0].rstrip("/").rpartition("/")[2], form)
        for form in element.forms()
    )
    return Card(about[0].attributes["data-order"], fragment, offers)


async def press(
    browser: Browser, ledger: Ledger, step: str, card: Card, form: Form, **answers: str
) -> Answer | None:
    """Press a button of a card; None if no answer came. A refusal is noted, not raised."""
    wish = form.action.partition("?")[0].rstrip("/").rpartition("/")[2]
    sent = dict(form.filled(answers)) | {"command_id": str(uuid.uuid4())}
    try:
        answer = await browser.act(form.action, sent)
    except NoAnswer:
        ledger.doubt(step, card.order)
        return None
    code = str(answer.said.get("code", answer.status))
    if code == "unknown_order":
        ledger.puzzle(f"{wish}: the shop does not know {card.order}, which stands on its screen.")
    elif answer.status in {409, 422}:
        ledger.refuse(wish, code)
    elif answer.status >= 300:
        ledger.puzzle(f"{wish} of {card.order} was answered {answer.status}.")
    return answer

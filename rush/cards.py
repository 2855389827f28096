"""The cards of a live screen: which order a fragment is about, and which forms it shows.

The one place that knows how the shop's fragments name an order.
"""

from dataclasses import dataclass
from functools import lru_cache

from rush.page import Element, Form
from rush.screen import Fragment, ViewState


@dataclass(frozen=True)
class Card:
    """One order as it stands on a screen."""

    order: str
    fragment: Fragment
    forms: tuple[Form, ...]

    @property
    def lines(self) -> list[Element]:
        """What was ordered."""
        return [part for part in self.fragment.element.walk() if "data-item" in part.attributes]

    def form(self, action: str) -> Form | None:
        """The first form for that action, if the card shows one."""
        return next((form for form in self.forms if form.name == action), None)

    def offers(self, *actions: str) -> bool:
        """Whether the card shows a form for one of these actions."""
        return any(form.name in actions for form in self.forms)


@lru_cache(maxsize=4096)
def card_of(fragment: Fragment) -> Card | None:
    """The order a fragment is about, or None if it is about something else.

    Read once: whoever works looks at the same cards again and again.
    """
    element = fragment.element
    for part in element.walk():
        if "data-order" in part.attributes:
            return Card(part.attributes["data-order"], fragment, tuple(element.forms()))
    return None


def cards_by_order(state: ViewState) -> dict[str, Card]:
    """The cards that stand there, by the id of their order, in the order of the screen."""
    fragments = sorted(state.fragments.values(), key=lambda fragment: (fragment.sort, fragment.id))
    cards = [card for fragment in fragments if (card := card_of(fragment)) is not None]
    return {card.order: card for card in cards}

"""Which cards a page may offer. In the demo the card terminal is a choice of what shall happen."""

from django.conf import settings

from orders.domain.refused import BadInput

DEMO_CARDS: tuple[tuple[str, str], ...] = (
    ("demo-approve", "Approve"),
    ("demo-decline", "Decline"),
    ("demo-timeout", "Charge, but answer late"),
    ("demo-lost", "Lose the request: nothing is charged"),
)


def takes_cards() -> bool:
    """Whether this shop's pages take cards at all."""
    return str(settings.PAYMENT_GATEWAY) != "none"


def cards_for_page() -> tuple[tuple[str, str], ...]:
    """The demo terminal's cards and their words; none where the terminal is a real one."""
    return DEMO_CARDS if settings.PAYMENT_GATEWAY == "demo" else ()


def checked_card(card_token: str) -> str:
    """The token, if this shop's terminal may be asked with it. Raises `BadInput`."""
    if not takes_cards():
        raise BadInput("This shop takes cards at the counter.")
    cards = dict(cards_for_page())
    if cards and card_token not in cards:
        raise BadInput("Please choose a card.")
    return card_token

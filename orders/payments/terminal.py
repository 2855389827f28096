"""The card terminal of `settings.PAYMENT_GATEWAY`: its gateway, and the cards a page may offer."""

from functools import cache

from django.conf import settings

from orders.domain.refused import BadInput
from orders.payments.demo_terminal import DEMO_CARDS, DemoTerminal
from orders.payments.gateway import NoGateway, PaymentGateway


@cache
def payment_gateway() -> PaymentGateway:
    """The configured gateway: the demo terminal, or none."""
    return DemoTerminal() if settings.PAYMENT_GATEWAY == "demo" else NoGateway()


def takes_cards() -> bool:
    """Whether this shop's pages take cards at all."""
    return str(settings.PAYMENT_GATEWAY) != "none"


def cards_for_page() -> tuple[tuple[str, str], ...]:
    """The demo terminal's cards and their words; none where the terminal is a real one."""
    return DEMO_CARDS if settings.PAYMENT_GATEWAY == "demo" else ()


def checked_card(card_token: str) -> str:
    """The token, if this shop's terminal may charge it. Raises `BadInput`."""
    if not takes_cards():
        raise BadInput("This shop takes cards at the counter.")
    cards = dict(cards_for_page())
    if cards and card_token not in cards:
        raise BadInput("Please choose a card.")
    return card_token

"""The command that charges a card. The reactor asks the gateway; the outcome is another fact."""

from uuid import uuid5

from orders.domain.command import Envelope, follow_up
from orders.domain.payment import StartCardPayment

PAYMENT = "payment"


def payment_id_of(envelope: Envelope) -> str:
    """The id of the payment that a form leads to, however often it is sent."""
    return uuid5(envelope["command_id"], PAYMENT).hex


def card_payment(
    envelope: Envelope, card_token: str, seen_due: int | None = None
) -> StartCardPayment:
    """Charge what is due to this card; with `seen_due` (cents) only if it is that."""
    # Its own command id, made of the form's: one form may both order and pay.
    return StartCardPayment(
        **follow_up(envelope, PAYMENT),
        payment=payment_id_of(envelope),
        card_token=card_token,
        seen_due=seen_due,
    )

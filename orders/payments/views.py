"""Paying for an order on its page. Nobody waits: the response is the page, the outcome a fact."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.checkout.views import carry_out_on_order_page
from orders.domain.limits import whole_number
from orders.payments.card_payment import card_payment
from orders.payments.terminal import checked_card

LONGEST_AMOUNT = 9
"""Digits of an amount in cents."""


@require_POST
@never_cache
def pay_order(request: HttpRequest, token: str) -> HttpResponse:
    """Charge what is due to a card, if it is what the button said. The link's holder may."""
    card_token = request.POST.get("card_token", "")
    seen_due = whole_number(request.POST.get("seen_due"), LONGEST_AMOUNT)
    return carry_out_on_order_page(
        request,
        token,
        lambda envelope: card_payment(envelope, checked_card(card_token), seen_due),
    )

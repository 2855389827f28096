"""Paying for an order on its page. Nobody waits: the response is the page, the outcome a fact."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.checkout.views import carry_out_on_order_page
from orders.payments.card_payment import card_payment
from orders.payments.terminal import checked_card


@require_POST
@never_cache
def pay_order(request: HttpRequest, token: str) -> HttpResponse:
    """Charge what is due to a card. The link's holder may."""
    return carry_out_on_order_page(
        request,
        token,
        lambda envelope: card_payment(envelope, checked_card(request.POST.get("card_token", ""))),
    )

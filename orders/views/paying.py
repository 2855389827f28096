"""Paying for an order on its page. Nobody waits: the answer is the page, the terminal's a fact."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.answers import done, problem_answer, problem_of
from orders.domain.refused import BadInput, Refused
from orders.forms import PayForm
from orders.links import order_url
from orders.payments.terminal import checked_card
from orders.placing import start_card_payment
from orders.views.ordering import AWAY, actor_of_link, correlation_of, order_of


@require_POST
@never_cache
def pay_order(request: HttpRequest, token: str) -> HttpResponse:
    """Charge what is due to a card. Whoever has the link may."""
    order = order_of(token)
    form = PayForm(request.POST)
    url = order_url(order)
    try:
        if not form.is_valid():
            sentences = (str(error) for errors in form.errors.values() for error in errors)
            raise BadInput(" ".join(sentences))
        answer = start_card_payment(
            order,
            command_id=form.cleaned_data["command_id"],
            actor=actor_of_link(request),
            card_token=checked_card(form.cleaned_data["card_token"]),
            correlation=correlation_of(request),
        )
    except (*AWAY, Refused) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return problem_answer(request, problem, back=url)
    return done(request, answer.position, url, replayed=answer.replayed)

"""Ordering by program: POST /api/orders/ with JSON, by the same rules as the page.

It reads no cookie: the customer follows from the command id, so no web page can order in
somebody's name and no CSRF token is needed. Prices cannot be sent; unknown fields are refused.
"""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.answers import Problem, done, problem_answer
from orders.basket import Wish
from orders.domain.ordering import LONGEST_NAME, LONGEST_NOTE, MOST_LINES, MOST_OF_A_LINE
from orders.domain.refused import BadInput
from orders.forms import plain_text
from orders.guests import customer_of_command
from orders.links import order_url
from orders.payments.terminal import checked_card
from orders.placing import place, placed_before, price, start_card_payment
from orders.registration import actor_of
from orders.views.ordering import correlation_of

LONGEST_TEXT = 1_000
"""Characters of a name or note before cleaning; more than that is not even looked at."""


class WantedItem(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One line: slugs of the menu, quantities by option slug."""

    item: str
    size: str = ""
    options: dict[str, int] = {}
    quantity: int = 1


class WantedOrder(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An order as a program sends it. `command_id` is the program's own, fresh for each order."""

    command_id: UUID
    items: list[WantedItem]
    name: str = ""
    note: str = ""
    pay: str = "counter"
    card_token: str = ""


@csrf_exempt
@require_POST
@never_cache
def orders(request: HttpRequest) -> HttpResponse:
    """Place an order: 201, or 200 with `Idempotent-Replayed` when it was placed before."""
    if request.content_type != "application/json":
        return problem_answer(
            request, Problem(415, "not_json", "Send the order as application/json.")
        )
    try:
        wanted = msgspec.json.decode(request.body, type=WantedOrder)
    except msgspec.ValidationError as error:
        raise BadInput(f"The order is not in the expected form: {error}.") from error
    except msgspec.DecodeError:
        return problem_answer(request, Problem(400, "bad_json", "The body is no JSON."))
    return _place(request, wanted)


def _place(request: HttpRequest, wanted: WantedOrder) -> HttpResponse:
    customer = customer_of_command(wanted.command_id)
    name = _bounded("name", wanted.name, LONGEST_NAME)
    note = _bounded("note", wanted.note, LONGEST_NOTE)
    if wanted.pay not in ("counter", "card"):
        raise BadInput("pay is counter or card.")
    card = checked_card(wanted.card_token) if wanted.pay == "card" else ""
    priced = price(_wishes(wanted))
    wrong = [one.error for one in priced if one.error]
    if wrong:
        placed = placed_before(customer, wanted.command_id)
        if placed is None:
            raise BadInput(" ".join(wrong))
    else:
        placed = place(
            priced,
            customer=customer,
            command_id=wanted.command_id,
            actor=actor_of(customer),
            name=name,
            note=note,
            correlation=correlation_of(request),
        )
    if card:
        start_card_payment(
            placed.order,
            command_id=wanted.command_id,
            actor=actor_of(customer),
            card_token=card,
            correlation=correlation_of(request),
        )
    return done(
        request,
        placed.position,
        order_url(placed.order),
        replayed=placed.replayed,
        created=not placed.replayed,
        more={"number": placed.number},
    )


def _wishes(wanted: WantedOrder) -> list[Wish]:
    if not 1 <= len(wanted.items) <= MOST_LINES:
        raise BadInput(f"An order has 1 to {MOST_LINES} lines.")
    wishes = []
    for n, one in enumerate(wanted.items, start=1):
        if not 1 <= one.quantity <= MOST_OF_A_LINE:
            raise BadInput(f"You can order 1 to {MOST_OF_A_LINE} of {one.item[:60]}.")
        if any(count < 0 for count in one.options.values()):
            raise BadInput(f"{one.item[:60]}: options are counted from 0.")
        wishes.append(Wish(n, one.item, one.size, tuple(one.options.items()), one.quantity))
    return wishes


def _bounded(field: str, text: str, longest: int) -> str:
    clean = plain_text(text[: LONGEST_TEXT + 1])
    if len(text) > LONGEST_TEXT or len(clean) > longest:
        raise BadInput(f"The {field} has at most {longest} characters.")
    return clean

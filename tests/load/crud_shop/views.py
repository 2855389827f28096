"""Ordering as a form, a row and a redirect; and the tutorial's way of telling the bar.

The form is the shop's own, with its checks. The basket is in the session, the
prices are in the database.
"""

import uuid
from typing import Any

from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST

from orders.checkout.forms import CheckoutForm
from tests.load.crud_shop.models import Item, Line, Order

BAR = "bar"


@require_GET
def basket(request: HttpRequest) -> JsonResponse:
    """A session with something in the basket; the token of the order form."""
    request.session.setdefault("customer", uuid.uuid4().hex)
    request.session["basket"] = {request.GET.get("item", "flat-white"): 1}
    return JsonResponse({"token": get_token(request)})


@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Place the order of the session's basket, and show it."""
    form = CheckoutForm(request.POST)
    quantities = request.session.get("basket")
    if not form.is_valid() or not quantities:
        return HttpResponse(form.errors.as_text() or "Your basket is empty.", status=422)
    items = list(Item.objects.filter(slug__in=quantities))
    if len(items) < len(quantities):
        return HttpResponse("Something is no longer on the menu.", status=422)
    try:
        order = _placed(form.cleaned_data, request.session["customer"], items, quantities)
    except IntegrityError:
        order = get_object_or_404(Order, form=form.cleaned_data["command_id"])
    layer: Any = get_channel_layer()
    if getattr(settings, "TELLS_THE_BAR", False):
        card = format_html('<li data-order="{}">{}</li>', order.id.hex, order.name)
        async_to_sync(layer.group_send)(BAR, {"type": "order.placed", "card": card})
    response = HttpResponseRedirect(f"/o/{order.id.hex}/")
    response.status_code = 303
    return response


@transaction.atomic
def _placed(
    fields: dict[str, Any], customer: str, items: list[Item], quantities: dict[str, int]
) -> Order:
    order: Order = Order.objects.create(
        form=fields["command_id"],
        customer=customer,
        name=fields["name"],
        note=fields["note"],
        pay=fields["pay"],
        total=sum(item.price * quantities[item.slug] for item in items),
    )
    Line.objects.bulk_create(
        Line(order=order, item=item, quantity=quantities[item.slug], unit_price=item.price)
        for item in items
    )
    return order


class BarConsumer(AsyncWebsocketConsumer):
    """One socket of the bar's screen: a member of the group, as in the tutorial."""

    async def connect(self) -> None:
        """Join the group."""
        await self.channel_layer.group_add(BAR, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave it."""
        await self.channel_layer.group_discard(BAR, self.channel_name)

    async def order_placed(self, event: dict[str, Any]) -> None:
        """Show a new order."""
        await self.send(text_data=str(event["card"]))


urlpatterns = [path("basket/", basket), path("orders/", place)]
websocket_urlpatterns: list[Any] = [path("ws/bar/", BarConsumer.as_asgi())]  # type: ignore[arg-type]

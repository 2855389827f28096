"""Being known here, coming back on another device, being forgotten. No password anywhere."""

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from orders.checkout.basket import GUEST_BASKET
from orders.checkout.views import AWAY, correlation_of
from orders.customers.guests import guest_of, guest_of_command, let_go, remember
from orders.customers.registration import forget, register, registered_name
from orders.domain.refused import BadInput, Refused
from orders.forms import CommandForm, RegisterForm
from orders.links import customer_in
from orders.menu.item_form import FieldError
from orders.responses import SeeOther, done
from staff.permissions import wants_json


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def register_page(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: register the name."""
    if request.method != "POST":
        return _form(request, RegisterForm())
    form = RegisterForm(request.POST)
    if not form.is_valid():
        sentences = [str(error) for errors in form.errors.values() for error in errors]
        if wants_json(request):
            raise BadInput(" ".join(sentences))
        return _form(request, form, *(FieldError("name", one) for one in sentences), status=422)
    command_id = form.cleaned_data["command_id"]
    customer = guest_of_command(request, command_id)
    try:
        answer = register(
            customer,
            form.cleaned_data["name"],
            command_id=command_id,
            at=timezone.now(),
            correlation=correlation_of(request),
        )
    except Refused as error:
        if wants_json(request):
            raise
        # Another name is another wish: the form gets a new id.
        form = RegisterForm(initial={"name": request.POST.get("name")})
        return _form(request, form, FieldError("name", error.sentence), status=409)
    response = done(request, answer.position, reverse("me"), replayed=answer.replayed)
    remember(response, customer)
    return response


@require_POST
@never_cache
def forget_me(request: HttpRequest) -> HttpResponse:
    """Forget this device's customer: their key, their name, their notes."""
    customer = guest_of(request)
    form = CommandForm(request.POST)
    if customer is None:
        raise Http404
    if not form.is_valid() or request.POST.get("sure") != "yes":
        raise BadInput("Please confirm that you want to be forgotten.")
    answer = forget(
        customer,
        command_id=form.cleaned_data["command_id"],
        at=timezone.now(),
        correlation=correlation_of(request),
    )
    response = done(
        request, answer.position, reverse("me") + "?forgotten=1", replayed=answer.replayed
    )
    let_go(response)
    GUEST_BASKET.clear(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def this_device(request: HttpRequest, token: str) -> HttpResponse:
    """GET: ask whether this device shall belong to the link's customer. POST: yes.

    Asked first, so that nobody gets somebody else's page by following a link in passing.
    """
    customer = customer_in(token)
    if customer is None:
        raise Http404
    if request.method == "POST":
        response = SeeOther(reverse("me"))
        remember(response, customer)
        return response
    try:
        name = registered_name(customer)
    except AWAY:
        name = ""
    return render(request, "ordering/this_device.html", {"name": name})


def _form(
    request: HttpRequest, form: RegisterForm, *problems: FieldError, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "problems": problems,
        "command_id": uuid4(),
    }
    return render(request, "ordering/register.html", context, status=status)

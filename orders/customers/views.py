"""Being known here, coming back on another device, being forgotten. No password anywhere."""

from uuid import uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from orders.checkout.basket import CHANGE_BASKET, GUEST_BASKET, USUAL_BASKET
from orders.customers.guests import actor_of, forget_device, guest_of, guest_of_command, remember
from orders.customers.registration import forget, register
from orders.domain.limits import LONGEST_NAME
from orders.domain.refused import BadInput, Refused
from orders.forms import CommandId, FieldError, PlainText, field_errors
from orders.languages import translated
from orders.links import customer_in
from orders.requests import envelope_of
from orders.responses import SeeOther, done_response
from staff.permissions import wants_json


class RegisterForm(forms.Form):
    """The name somebody wants to be known by."""

    command_id = CommandId()
    name = PlainText(
        longest=LONGEST_NAME, missing=gettext_lazy("Please give a name."), required=True
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def register_page(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: register the name."""
    if request.method != "POST":
        return _page(request, RegisterForm())
    form = RegisterForm(request.POST)
    if not form.is_valid():
        errors = field_errors(form)
        if wants_json(request):
            raise BadInput(" ".join(error.sentence for error in errors))
        return _page(request, form, *errors, status=422)
    command_id, name = form.cleaned_data["command_id"], form.cleaned_data["name"]
    customer = guest_of_command(request, command_id)
    try:
        done = register(customer, name, envelope_of(request, actor_of(customer), command_id))
    except Refused as error:
        if wants_json(request):
            raise
        # Another name is another command: the form gets a new id.
        form = RegisterForm(initial={"name": request.POST.get("name")})
        return _page(request, form, FieldError("name", translated(error.sentence)), status=409)
    response = done_response(request, done, reverse("me"))
    remember(response, customer)
    return response


@require_POST
@never_cache
def forget_me(request: HttpRequest) -> HttpResponse:
    """Forget this device's customer: their key, their name, their notes."""
    customer = guest_of(request)
    if customer is None:
        raise Http404
    if request.POST.get("sure") != "yes":
        raise BadInput("Please confirm that you want to be forgotten.")
    done = forget(customer, envelope_of(request, actor_of(customer)))
    response = done_response(request, done, reverse("me") + "?forgotten=1")
    forget_device(response)
    for kept in (GUEST_BASKET, CHANGE_BASKET, USUAL_BASKET):
        kept.clear(response)
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
        USUAL_BASKET.clear(response)  # of whoever had the device before
        return response
    return render(request, "ordering/this_device.html", {"customer": customer})


def _page(
    request: HttpRequest, form: RegisterForm, *errors: FieldError, status: int = 200
) -> HttpResponse:
    context = {"form": form, "errors": errors, "command_id": uuid4()}
    return render(request, "ordering/register.html", context, status=status)

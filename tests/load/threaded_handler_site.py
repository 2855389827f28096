"""The site that `threaded_handler.py` measures, under Django's ASGI handler or our own.

`python -m tests.load.threaded_handler_site django|threaded` prints its port, serves until SIGTERM.
"""

import sys
from typing import Any

import django

django.setup()

from django import forms  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402

TABLES = (
    "CREATE TABLE measured_order (id INTEGER PRIMARY KEY, name TEXT, placed_by INTEGER)",
    "CREATE TABLE measured_line (id INTEGER PRIMARY KEY, placed INTEGER, item TEXT)",
)


class OrderForm(forms.Form):
    """As much of a form as an order has."""

    name = forms.CharField(max_length=40)
    item = forms.ChoiceField(choices=[("latte", "Latte"), ("espresso", "Espresso")])


def token(request: HttpRequest) -> HttpResponse:
    """A session and a form token."""
    request.session["visited"] = True
    return HttpResponse(get_token(request))


def trivial(_request: HttpRequest) -> HttpResponse:
    """Nothing but the middleware."""
    return HttpResponse("ok")


def order(request: HttpRequest) -> HttpResponse:
    """Session, user, form, one order with two lines, redirect."""
    form = OrderForm(request.POST)
    if not form.is_valid() or not request.session.get("visited"):
        return HttpResponse(form.errors.as_text(), status=422)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO measured_order (name, placed_by) VALUES (%s, %s)",
            [form.cleaned_data["name"], request.user.pk],
        )
        placed = cursor.lastrowid
        for _ in range(2):
            cursor.execute(
                "INSERT INTO measured_line (placed, item) VALUES (%s, %s)",
                [placed, form.cleaned_data["item"]],
            )
    response = HttpResponseRedirect(f"/trivial/?order={placed}")
    response.status_code = 303
    return response


urlpatterns = [path("token/", token), path("trivial/", trivial), path("order/", order)]


def main(handler: str) -> None:
    """Make the tables and serve."""
    settings.ROOT_URLCONF = "tests.load.threaded_handler_site"
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(table)
    connection.close()

    from django.core.asgi import get_asgi_application

    from barstucks_site.web_server.listening import listen
    from barstucks_site.web_server.server import ShopServer
    from barstucks_site.web_server.threaded_handler import ThreadedHandler

    application: Any = ThreadedHandler() if handler == "threaded" else get_asgi_application()
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]

    def say() -> None:
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()

    ShopServer(application, listening, proxied=False, log_requests=False, when_ready=say).run()


if __name__ == "__main__":
    main(sys.argv[1])

"""The language of each request, and the switch on the customer's pages."""

from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from orders.languages import language_of
from orders.shop_state import shop_now


class LanguageMiddleware(LocaleMiddleware):
    """Activates the language of the request; says it, and that it depends, in the headers."""

    def process_request(self, request: HttpRequest) -> None:
        """Before the view, and before anything that may refuse."""
        translation.activate(language_of(request, shop_now))
        request.LANGUAGE_CODE = translation.get_language()


@csrf_exempt
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember a language on this device, and go back to the page.

    Needs no token: it changes nothing but how this device is spoken to, and pages that are drawn
    once for everybody have the switch too. Django leads back to addresses of this shop only.
    """
    response: HttpResponse = set_language(request)
    return response

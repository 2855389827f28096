"""The login, the way from `/staff/` to the screen of one's role, and the colours of a device."""

from typing import Any

from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.http import require_POST

from staff.demo_accounts import demo_logins
from staff.permissions import may
from staff.roles import FIRST_SCREENS
from staff.themes import THEMES, USUAL, remember


class StaffLogin(LoginView):
    """Asks for name and password; in a demo the page says which ones work."""

    template_name = "staff/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and in demo mode the logins."""
        return super().get_context_data(demo_logins=demo_logins(), **kwargs)


class StaffHome(AccessMixin, View):
    """Sends everybody to the screen they work at."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the first screen of the person's permissions; 403 if there is none."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        for codename, page in FIRST_SCREENS:
            if may(request.user, codename):
                return redirect(page)
        raise PermissionDenied("This account has no role in the shop yet.")


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Show the staff's screens so on this device from now on, and go back to the page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/staff/"
    chosen = request.POST.get("theme", "")
    response = HttpResponseRedirect(back)  # an address, and never the name of a page
    remember(response, chosen if chosen in THEMES else USUAL)
    return response

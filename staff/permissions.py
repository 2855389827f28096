"""The permission check of a view, and the same check for a websocket.

Anonymous people are asked to log in; staff whose role does not allow it are refused.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse

from staff.roles import PERMISSIONS

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def may(user: User | AnonymousUser, codename: str) -> bool:
    """Whether this user holds a permission of `staff.roles`. Raises KeyError for an unknown one."""
    PERMISSIONS[codename]
    return bool(user.is_authenticated and user.is_active and user.has_perm(f"staff.{codename}"))


def allowed(codename: str) -> Callable[[View[P]], View[P]]:
    """Let a view be used only by those who hold the permission.

    Anonymous: 302 to the login for a page, 401 for JSON. Without the permission: 403.
    """
    PERMISSIONS[codename]

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _login_first(request)
            if not may(request.user, codename):
                return _refused(request, codename)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def wants_json(request: HttpRequest) -> bool:
    """Whether the response should be JSON: the client prefers it, or it speaks to the API."""
    if request.path.startswith("/api/"):
        return True
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return preferred == "application/json"


def _login_first(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return json_problem(
            401, "login_required", "Please log in.", "This is for the shop's staff."
        )
    back = request.get_full_path() if request.method == "GET" else ""
    return redirect_to_login(back, settings.LOGIN_URL)


def _refused(request: HttpRequest, codename: str) -> HttpResponse:
    sentence = f"Your role does not include: {PERMISSIONS[codename].lower()}."
    if wants_json(request):
        return json_problem(403, "not_allowed", "Not allowed.", sentence)
    raise PermissionDenied(sentence)


def json_problem(status: int, code: str, title: str, detail: str) -> JsonResponse:
    """What a program is told that was refused before it got to a view of the shop."""
    body = {
        "type": f"urn:barstucks:problem:{code}",
        "status": status,
        "code": code,
        "title": title,
        "detail": detail,
    }
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    response["Cache-Control"] = "no-store"
    return response

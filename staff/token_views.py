"""The manager's page of tokens for programs: what there is, one more, one less."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from staff.models import ProgramToken
from staff.permissions import allowed, json_problem, may, wants_json
from staff.roles import PERMISSIONS, ROLES
from staff.tokens import LONGEST_NAME, is_vouched_for, make_token, name_in, withdraw

NO_NAME = f"Please give the program a name of at most {LONGEST_NAME} characters."
NO_ROLE = "Please choose at least one role, of those that you have yourself."


@require_safe
@never_cache
@allowed("let_programs_in")
def tokens_page(request: HttpRequest) -> HttpResponse:
    """Every token, the newest first, and a form for one more."""
    return _page(request)


@require_POST
@never_cache
@allowed("let_programs_in")
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    name = name_in(request.POST.get("name", ""))
    roles = request.POST.getlist("role")
    if not name:
        return _page(request, error=NO_NAME, status=422)
    assert isinstance(request.user, User)  # or they would not be here
    if not roles or not set(roles) <= set(_may_give(request.user)):
        return _page(request, name=name, error=NO_ROLE, status=422)
    secret, _ = make_token(name, roles, made_by=request.user)
    return _page(request, name=name, secret=secret)


@require_POST
@never_cache
@allowed("let_programs_in")
def withdraw_token(request: HttpRequest, program: int) -> HttpResponse:
    """Let a token count no more."""
    withdraw(get_object_or_404(ProgramToken, pk=program))
    return redirect("tokens")


def _may_give(user: User) -> list[str]:
    """The roles that allow nothing that this user may not do."""
    allowed_to = {codename for codename in PERMISSIONS if may(user, codename)}
    return [role for role, codenames in ROLES.items() if codenames <= allowed_to]


def _page(
    request: HttpRequest, *, name: str = "", error: str = "", secret: str = "", status: int = 200
) -> HttpResponse:
    assert isinstance(request.user, User)
    if error and wants_json(request):
        return json_problem(status, "bad_input", "Something needs another look", error)
    tokens = ProgramToken.objects.select_related("user", "made_by").order_by("-pk")
    context = {
        "here": "tokens",
        "tokens": [
            (token, is_vouched_for(token)) for token in tokens.prefetch_related("user__groups")
        ],
        "roles": _may_give(request.user),
        "longest": LONGEST_NAME,
        "name": name,
        "error": error,
        "secret": secret,
    }
    return render(request, "staff/tokens.html", context, status=status)

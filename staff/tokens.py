"""Tokens for programs: how one is made, how a request with one is known, how it is withdrawn.

A program is a member of the staff without a password: an account with roles of its own, under
which the log notes what it does. Of its token only a hash is kept. Whoever guesses has 2²⁵⁶ to
choose from, so that a plain SHA-256 is enough, and finding it by its hash tells nothing about it.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from staff.login_backend import StaffBackend
from staff.models import DemoAccount, ProgramToken
from staff.permissions import json_problem, may

PREFIX = "barstucks_"
"""By which a token is known for what it is where it should not be: in a log, in a repository."""

SECRET_BYTES = 32
LONGEST_TOKEN = 100
LONGEST_NAME = 40
"""Of a program, in characters: it stands on tickets, where the name of a barista does."""

PATHS = "/api/"
"""Tokens count below this address only."""

UNKNOWN = "This token is not known here, or it was withdrawn."

NOTED_EVERY = timedelta(hours=1)
"""How exact the time of the last use is: it is written at most so often."""


def name_in(typed: str) -> str:
    """What a program is called, as it was typed; "" for what is no name."""
    name = " ".join(typed.split())
    return name if len(name) <= LONGEST_NAME and name.isprintable() else ""


def make_token(
    name: str, roles: Sequence[str], *, made_by: User | None
) -> tuple[str, ProgramToken]:
    """A new token with these roles: the secret, which is not kept, and its row."""
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        user = User(username=f"program-{secrets.token_hex(8)}", first_name=name)
        user.set_unusable_password()
        user.save()
        user.groups.set(Group.objects.filter(name__in=roles))
        if settings.DEMO:
            DemoAccount.objects.create(user=user)
        token = ProgramToken.objects.create(user=user, digest=_digest(secret), made_by=made_by)
    return secret, token


def withdraw(token: ProgramToken) -> None:
    """Let the token count no more. What its program did keeps its name."""
    with transaction.atomic():
        ProgramToken.objects.filter(pk=token.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now()
        )
        User.objects.filter(pk=token.user_id).update(is_active=False)


def is_vouched_for(token: ProgramToken) -> bool:
    """Whether who made it may still do so: who leaves takes no copy of a token along that counts.

    One that was made beside the shop, by `manage.py api_token`, is vouched for by nobody in it.
    """
    return token.made_by is None or may(token.made_by, "let_programs_in")


def user_of_token(secret: str) -> User | None:
    """The account of a token; None for one that is unknown, of another mode, or does not count."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST_TOKEN:
        return None
    tokens = ProgramToken.objects.select_related("made_by")
    token = tokens.filter(digest=_digest(secret), withdrawn_at=None).first()
    if token is None or not is_vouched_for(token):
        return None
    user = StaffBackend().get_user(token.user_id)
    if not isinstance(user, User):
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        ProgramToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return user


def bearer_in(authorization: str) -> str | None:
    """The token of an `Authorization` header; None if it speaks of something else."""
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def program_of(request: HttpRequest) -> int | None:
    """The account of the program that sent this request with a token; None for anybody else."""
    found: int | None = getattr(request, "program", None)
    return found


class TokenMiddleware:
    """Lets a request of the API with a token be one of its program. Stands behind the sessions.

    No browser sends a token by itself, so such a request needs no CSRF token; nor does one of
    nobody, which is better told that it lacks a token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Know the program, or refuse: who shows a token means to be known by it."""
        if not request.path.startswith(PATHS):
            return self._get_response(request)
        secret = bearer_in(request.headers.get("Authorization", ""))
        if secret is not None:
            user = user_of_token(secret)
            if user is None:
                return json_problem(401, "token_unknown", "Please sign in", UNKNOWN)
            request.user = user
            request.program = user.pk  # type: ignore[attr-defined]
        if secret is not None or not request.user.is_authenticated:
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return self._get_response(request)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

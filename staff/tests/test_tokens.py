"""Tokens of programs: made, known, noted, withdrawn; and the manager's page of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from staff.models import ProgramToken
from staff.permissions import may
from staff.roles import BARISTA, CASHIER, MANAGER
from staff.tokens import bearer_in, make_token, user_of_token, withdraw

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


def logged_in(*roles: str) -> Client:
    user = User.objects.create_user("ada", first_name="Ada")
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user)
    return client


def test_a_token_is_its_program_with_its_roles() -> None:
    secret, _ = make_token("Display", [BARISTA], made_by=None)
    user = user_of_token(secret)
    assert user is not None
    assert user.first_name == "Display"
    assert may(user, "prepare")
    assert not may(user, "take_payment")
    assert not user.has_usable_password()


def test_only_a_hash_of_it_is_kept() -> None:
    secret, token = make_token("Display", [BARISTA], made_by=None)
    kept = [str(value) for row in (token, token.user) for value in vars(row).values()]
    assert not any(secret in value or secret[10:] in value for value in kept)


@pytest.mark.parametrize("wrong", ["", "x", "barstucks_", "barstucks_" + "A" * 43, "x" * 10_000])
def test_another_token_is_nobody(wrong: str) -> None:
    make_token("Display", [BARISTA], made_by=None)
    assert user_of_token(wrong) is None


def test_a_hash_is_no_token() -> None:
    _, token = make_token("Display", [BARISTA], made_by=None)
    assert user_of_token("barstucks_" + token.digest) is None
    assert user_of_token(token.digest) is None


def test_a_withdrawn_token_is_nobody_and_keeps_its_name() -> None:
    secret, token = make_token("Display", [BARISTA], made_by=None)
    withdraw(token)
    assert user_of_token(secret) is None
    withdrawn_at = ProgramToken.objects.get().withdrawn_at
    withdraw(token)
    assert ProgramToken.objects.get().withdrawn_at == withdrawn_at
    assert User.objects.get(pk=token.user_id).first_name == "Display"


def test_a_token_of_a_demo_is_of_no_use_in_a_shop(settings: Settings) -> None:
    settings.DEMO = True
    secret, _ = make_token("Display", [MANAGER], made_by=None)
    assert user_of_token(secret) is not None
    settings.DEMO = False
    assert user_of_token(secret) is None


def test_the_last_use_is_noted_at_most_once_an_hour(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    secret, _ = make_token("Display", [BARISTA], made_by=None)
    user_of_token(secret)
    first = ProgramToken.objects.get().last_used_at
    assert first is not None
    with django_assert_num_queries(2) as read:  # the token, its account
        user_of_token(secret)
    assert all(query["sql"].startswith("SELECT") for query in read.captured_queries)
    ProgramToken.objects.update(last_used_at=timezone.now() - timedelta(hours=1, minutes=1))
    user_of_token(secret)
    again = ProgramToken.objects.get().last_used_at
    assert again is not None
    assert again >= first


@pytest.mark.parametrize(
    ("header", "secret"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("", None)],
)
def test_the_header_of_a_token(header: str, secret: str | None) -> None:
    assert bearer_in(header) == secret


# --- requests ------------------------------------------------------------------------------------


def asked(path: str, secret: str, client: Client | None = None) -> Any:
    return (client or Client()).get(path, headers={"authorization": f"Bearer {secret}"})


def test_a_request_with_a_token_is_its_program_s() -> None:
    secret, _ = make_token("Display", [BARISTA], made_by=None)
    assert asked("/api/queue/", secret).status_code == 200
    refused = asked("/api/desk/", secret)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_a_token_counts_for_the_api_only() -> None:
    secret, _ = make_token("Display", [MANAGER], made_by=None)
    assert asked("/bar/", secret).status_code == 302
    assert asked("/manage/tokens/", secret).status_code == 302


def test_an_unknown_token_is_refused_everywhere_in_the_api_whoever_is_logged_in() -> None:
    for path in ("/api/", "/api/menu/", "/api/queue/"):
        response = asked(path, "barstucks_wrong", logged_in(MANAGER) if path == "/api/" else None)
        assert (response.status_code, response.json()["code"]) == (401, "token_unknown")
        assert response["WWW-Authenticate"] == "Bearer"
        assert response["Content-Type"] == "application/problem+json"


def test_a_token_goes_before_a_session() -> None:
    secret, _ = make_token("Display", [BARISTA], made_by=None)
    assert asked("/api/desk/", secret, logged_in(MANAGER)).status_code == 403


# --- the manager's page ---------------------------------------------------------------------------


def made(client: Client, **fields: Any) -> Any:
    return client.post("/manage/tokens/new/", {"name": "Display", "role": [BARISTA], **fields})


def test_a_manager_makes_a_token_that_is_shown_once() -> None:
    ada = logged_in(MANAGER)
    page = made(ada)
    secret = re.search(r"<code>(barstucks_[^<]+)</code>", page.content.decode())
    assert secret is not None
    assert asked("/api/queue/", secret[1]).status_code == 200
    assert "no-store" in page["Cache-Control"]
    later = ada.get("/manage/tokens/").content.decode()
    assert "Display" in later
    assert "Ada" in later
    assert secret[1] not in later


@pytest.mark.parametrize(
    "fields",
    [
        *({"name": name} for name in ("", " ", "x" * 41, "a\x00b")),
        *({"role": roles} for roles in ([], ["owner"], [BARISTA, "x"])),
    ],
)
def test_what_makes_no_sense_makes_no_token(fields: dict[str, Any]) -> None:
    page = made(logged_in(MANAGER), **fields)
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert not ProgramToken.objects.exists()


def test_a_program_that_fills_in_the_form_is_told_as_a_program() -> None:
    ada = logged_in(MANAGER)
    form = {"name": "", "role": [BARISTA]}
    response: Any = ada.post("/manage/tokens/new/", form, headers={"accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_nobody_gives_a_program_more_than_they_may_themselves() -> None:
    client = logged_in(CASHIER)
    user = User.objects.get(username="ada")
    user.user_permissions.add(Permission.objects.get(codename="let_programs_in"))
    assert made(client, role=[MANAGER]).status_code == 422
    assert made(client, role=[BARISTA]).status_code == 422
    assert made(client, role=[CASHIER]).status_code == 200


@pytest.mark.parametrize("role", [BARISTA, CASHIER])
def test_others_make_none(role: str) -> None:
    assert made(logged_in(role)).status_code == 403
    assert not ProgramToken.objects.exists()


def test_a_manager_withdraws_a_token() -> None:
    secret, token = make_token("Display", [BARISTA], made_by=None)
    ada = logged_in(MANAGER)
    response: Any = ada.post(f"/manage/tokens/{token.pk}/withdraw/")
    assert response.status_code == 302
    assert asked("/api/queue/", secret).status_code == 401
    assert "Withdraw the token" not in ada.get("/manage/tokens/").content.decode()
    assert ada.post("/manage/tokens/999/withdraw/").status_code == 404


@pytest.mark.parametrize("becomes", ["withdrawn", "barista", "deleted"])
def test_a_token_ends_with_the_account_or_the_role_of_who_made_it(becomes: str) -> None:
    made(logged_in(MANAGER))
    ada = User.objects.get(username="ada")
    secret, _ = make_token("Copied", [MANAGER], made_by=ada)
    assert asked("/api/queue/", secret).status_code == 200
    match becomes:
        case "withdrawn":
            User.objects.filter(pk=ada.pk).update(is_active=False)
        case "barista":
            ada.groups.set(Group.objects.filter(name=BARISTA))
        case "deleted":
            ada.delete()
    assert asked("/api/queue/", secret).status_code == 401
    bea = Client()
    bea.force_login(User.objects.create_superuser("bea"))
    page = bea.get("/manage/tokens/").content.decode()
    assert ("does not count" in page) == (becomes != "deleted")


def test_an_account_of_a_program_gets_no_password() -> None:
    _, token = make_token("Display", [BARISTA], made_by=None)
    ada = logged_in(MANAGER)
    User.objects.filter(username="ada").update(is_staff=True)
    assert token.user.username not in ada.get("/inspect/staff/account/").content.decode()
    assert ada.get(f"/inspect/staff/account/{token.user_id}/change/").status_code == 302


# --- the command ---------------------------------------------------------------------------------


def test_the_command_prints_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_token", "Display", "--role", BARISTA)
    assert asked("/api/queue/", capsys.readouterr().out.strip()).status_code == 200


def test_the_command_wants_a_name_and_a_role() -> None:
    unreadable = ["Dis\aplay", "--role", BARISTA]
    for words in (["", "--role", BARISTA], unreadable, ["Display", "--role", "owner"], ["Display"]):
        with pytest.raises(CommandError):
            call_command("api_token", *words)

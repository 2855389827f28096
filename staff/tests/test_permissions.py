"""Permissions: each role and permission of the table, and the ways of being refused."""

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from staff.permissions import allowed, may
from staff.roles import PERMISSIONS, ROLES

pytestmark = pytest.mark.django_db


def somebody(role: str | None, **more: object) -> User:
    user = User.objects.create_user(f"a {role}", password="a long password", **more)  # type: ignore[arg-type]
    if role:
        user.groups.set([Group.objects.get(name=role)])
    return user


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def respond(user: User | AnonymousUser, codename: str = "prepare", **headers: str) -> HttpResponse:
    request = RequestFactory().get("/bar/?at=11:05", headers=headers)
    request.user = user
    return allowed(codename)(view)(request)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("codename", PERMISSIONS)
def test_every_role_may_exactly_what_the_table_says(role: str, codename: str) -> None:
    assert may(somebody(role), codename) is (codename in ROLES[role])


def test_the_manager_may_everything_and_nobody_is_left_out() -> None:
    assert ROLES["manager"] == set(PERMISSIONS)
    assert ROLES["barista"] | ROLES["cashier"] <= ROLES["manager"]


@pytest.mark.parametrize("codename", PERMISSIONS)
def test_strangers_and_people_without_a_role_may_nothing(codename: str) -> None:
    assert not may(AnonymousUser(), codename)
    assert not may(somebody(None), codename)


def test_somebody_who_left_may_nothing() -> None:
    assert not may(somebody("manager", is_active=False), "prepare")


def test_a_permission_that_does_not_exist_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        allowed("fly")
    with pytest.raises(KeyError):
        may(AnonymousUser(), "fly")


def test_whoever_may_comes_in() -> None:
    assert respond(somebody("barista")).content == b"in"


def test_a_stranger_s_page_leads_to_the_login_and_back() -> None:
    response = respond(AnonymousUser())

    assert response.status_code == 302
    assert response["Location"] == "/staff/login/?next=/bar/%3Fat%3D11%3A05"


def test_a_stranger_s_program_is_refused_with_401() -> None:
    response = respond(AnonymousUser(), accept="application/json")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["code"] == "login_required"


def test_a_stranger_s_form_does_not_come_back_as_a_page() -> None:
    request = RequestFactory().post("/bar/x/take/")
    request.user = AnonymousUser()

    assert allowed("prepare")(view)(request)["Location"] == "/staff/login/?next="


def test_the_wrong_role_is_refused_with_the_reason() -> None:
    with pytest.raises(PermissionDenied, match="take, tick"):
        respond(somebody("cashier"))

    response = respond(somebody("manager", is_active=True), "refund", accept="application/json")
    assert response.content == b"in"
    refused = respond(somebody("barista"), "refund", accept="application/json")
    assert (refused.status_code, json.loads(refused.content)["code"]) == (403, "not_allowed")


def test_arguments_of_the_address_reach_the_view() -> None:
    def ticket(request: HttpRequest, order: str, *, step: str) -> HttpResponse:
        return HttpResponse(f"{order} {step}")

    request = RequestFactory().get("/bar/")
    request.user = somebody("barista")
    guarded: Callable[..., HttpResponse] = allowed("prepare")(ticket)

    assert guarded(request, "0a", step="take").content == b"0a take"
    assert guarded.__name__ == "ticket"

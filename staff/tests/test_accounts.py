"""Managers make, change and withdraw accounts, and set passwords; never those of an owner."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from staff.names import name_of
from staff.roles import BARISTA, CASHIER, MANAGER

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

ACCOUNTS = "/inspect/staff/account/"
PASSWORD = "a long and rainy tuesday"


@pytest.fixture
def ada() -> Client:
    return logged_in(somebody("ada", MANAGER))


def somebody(name: str, *roles: str, **more: Any) -> User:
    user = User.objects.create_user(name, first_name=name.capitalize(), **more)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def roles(*names: str) -> list[int]:
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


def may_enter(client: Client, path: str) -> bool:
    return client.get(path).status_code == 200


def test_a_manager_makes_an_account_that_works(ada: Client) -> None:
    sent = {
        "username": "bea",
        "first_name": "Bea",
        "groups": roles(BARISTA),
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert ada.post(f"{ACCOUNTS}add/", sent).status_code == 302

    bea = Client()
    assert bea.post("/staff/login/", {"username": "bea", "password": PASSWORD}).status_code == 302
    assert may_enter(bea, "/bar/")
    assert not may_enter(bea, "/till/")


def test_times_are_written_as_on_the_shops_other_pages(ada: Client) -> None:
    bao = somebody("bao", BARISTA)
    User.objects.filter(pk=bao.pk).update(last_login=datetime(2026, 3, 1, 10, 5, 9, tzinfo=UTC))
    ada.post(f"{ACCOUNTS}{bao.pk}/change/", {"username": "bao", "first_name": "Bao"})
    LogEntry.objects.update(action_time=datetime(2026, 3, 2, 15, 0, tzinfo=UTC))

    assert ">1 Mar 2026 11:05:09<" in ada.get(ACCOUNTS).content.decode()
    history = ada.get(f"{ACCOUNTS}{bao.pk}/history/").content.decode()
    assert "2 Mar 2026 16:00:00" in history


def test_a_weak_password_is_refused(ada: Client) -> None:
    sent = {"username": "bea", "password1": "coffee", "password2": "coffee"}

    assert "at least 12 characters" in ada.post(f"{ACCOUNTS}add/", sent).content.decode()
    assert not User.objects.filter(username="bea").exists()


def test_a_role_is_given_and_a_name_is_read_at_once(ada: Client) -> None:
    bao = somebody("bao", BARISTA)
    assert name_of(f"staff-{bao.pk}") == "Bao"
    sent = {
        "username": "bao",
        "first_name": "Bao Anh",
        "groups": roles(BARISTA, CASHIER),
        "is_active": "on",
    }

    assert ada.post(f"{ACCOUNTS}{bao.pk}/change/", sent).status_code == 302

    assert may_enter(logged_in(bao), "/till/")
    assert name_of(f"staff-{bao.pk}") == "Bao Anh"


def test_a_withdrawn_account_ends_at_once_and_keeps_its_name(ada: Client) -> None:
    bao = somebody("bao", BARISTA)
    browser = logged_in(bao)
    assert may_enter(browser, "/bar/")

    ada.post(f"{ACCOUNTS}{bao.pk}/change/", {"username": "bao", "first_name": "Bao"})

    assert not may_enter(browser, "/bar/")
    assert name_of(f"staff-{bao.pk}") == "Bao"
    assert ada.post(f"{ACCOUNTS}{bao.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_new_password_ends_the_sessions_of_the_old_one(ada: Client) -> None:
    bao = somebody("bao", BARISTA, password="the password of before")
    browser = logged_in(bao)
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}

    assert ada.post(f"{ACCOUNTS}{bao.pk}/password/", sent).status_code == 302

    assert not may_enter(browser, "/bar/")
    again = Client()
    assert again.post("/staff/login/", {"username": "bao", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("path", ["change/", "password/", "history/", "delete/"])
@pytest.mark.parametrize("kind", ["owner", "trusted", "in a group of the owner's"])
def test_accounts_with_other_rights_are_not_there_for_a_manager(
    ada: Client, kind: str, path: str
) -> None:
    theirs = somebody("olga", MANAGER, is_superuser=kind == "owner")
    right = Permission.objects.get(codename="change_menuitem")
    if kind == "trusted":
        theirs.user_permissions.add(right)
    elif kind != "owner":
        others = Group.objects.create(name="menu")
        others.permissions.add(right)
        theirs.groups.add(others)
    before = theirs.password
    sent = {"password1": PASSWORD, "password2": PASSWORD, "username": "olga"}

    assert ada.get(f"{ACCOUNTS}{theirs.pk}/{path}").status_code in (302, 403, 404)
    assert ada.post(f"{ACCOUNTS}{theirs.pk}/{path}", sent).status_code in (302, 403, 404)

    theirs.refresh_from_db()
    assert (theirs.password, theirs.is_active) == (before, True)
    assert "olga" not in ada.get(ACCOUNTS).content.decode()


def test_a_manager_gives_no_right_of_an_owner(ada: Client) -> None:
    bao = somebody("bao", BARISTA)
    others = Group.objects.create(name="menu")
    right = Permission.objects.get(codename="change_menuitem")
    sent = {
        "username": "bao",
        "first_name": "Bao",
        "is_active": "on",
        "is_superuser": "on",
        "is_staff": "on",
        "user_permissions": [right.pk],
    }
    ada.post(f"{ACCOUNTS}{bao.pk}/change/", sent)
    ada.post(f"{ACCOUNTS}{bao.pk}/change/", {**sent, "groups": [others.pk]})

    bao.refresh_from_db()
    assert (bao.is_superuser, bao.is_staff) == (False, False)
    assert not bao.user_permissions.exists()
    assert others not in bao.groups.all()


def test_a_manager_does_not_withdraw_themselves_by_a_slip(ada: Client) -> None:
    own = User.objects.get(username="ada")

    ada.post(f"{ACCOUNTS}{own.pk}/change/", {"username": "ada", "first_name": "Ada"})

    own.refresh_from_db()
    assert own.is_active
    assert [group.name for group in own.groups.all()] == [MANAGER]


def test_an_owner_gives_and_sees_everything() -> None:
    owner = logged_in(somebody("olga", is_superuser=True))
    bao = somebody("bao", BARISTA)

    html = owner.get(f"{ACCOUNTS}{bao.pk}/change/").content.decode()
    assert 'name="is_superuser"' in html
    assert "owner" in owner.get(ACCOUNTS).content.decode()
    assert owner.post(f"{ACCOUNTS}{bao.pk}/delete/", {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("role", [BARISTA, CASHIER])
def test_nobody_else_makes_accounts(role: str) -> None:
    client = logged_in(somebody("bao", role))

    assert client.get(ACCOUNTS).status_code == 403
    assert client.post(f"{ACCOUNTS}add/", {"username": "eve"}).status_code == 403
    assert not User.objects.filter(username="eve").exists()

"""Actors read as people's names; the login page lets staff in and nobody out by a link."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings
from pytest_django.asserts import assertNumQueries

from staff.names import actor_of, forget_names, name_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long password"


def bao(**more: object) -> User:
    user = User.objects.create_user("bao", password=PASSWORD, first_name="Bao", **more)  # type: ignore[arg-type]
    user.groups.set([Group.objects.get(name="barista")])
    return user


def test_a_member_of_the_staff_reads_as_their_first_name() -> None:
    assert name_of(actor_of(bao().pk)) == "Bao"


def test_without_a_first_name_the_login_s_name_must_do() -> None:
    user = User.objects.create_user("casey")

    assert name_of(actor_of(user.pk)) == "casey"


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("staff-999", "somebody"),
        ("staff-" + "9" * 5_000, "staff"),
        ("reactor", "reactor"),
        ("import", "import"),
        ("customer-0c0c", "customer"),
        ("staff-x", "staff"),
        ("", "somebody"),
    ],
)
def test_others_read_as_what_they_are(actor: str, name: str) -> None:
    assert name_of(actor) == name


def test_a_name_is_looked_up_once_in_a_while() -> None:
    actor = actor_of(bao().pk)
    name_of(actor)

    with assertNumQueries(0):
        assert name_of(actor) == "Bao"
    forget_names()
    with assertNumQueries(1):
        name_of(actor)


def log_in(client: Client, to: str = "") -> str:
    form = {"username": "bao", "password": PASSWORD, "next": to}
    return str(client.post("/staff/login/", form)["Location"])


def test_the_login_leads_back_to_the_page_one_wanted() -> None:
    bao()

    assert log_in(Client(), "/bar/?at=11:05") == "/bar/?at=11:05"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_the_login_leads_nowhere_else(elsewhere: str) -> None:
    bao()

    assert log_in(Client(), elsewhere) == "/staff/"


def test_a_wrong_password_is_said_without_saying_which_part_was_wrong() -> None:
    bao()
    for username in ("bao", "nobody"):
        page = Client().post("/staff/login/", {"username": username, "password": "wrong"})
        assert page.status_code == 200
        assert "do not match" in page.content.decode()


def test_demo_logins_are_on_the_page_of_a_demo_only(settings: Settings) -> None:
    settings.DEMO = False

    assert "data-demo-login" not in Client().get("/staff/login/").content.decode()


def test_the_session_id_changes_at_the_login_and_ends_at_the_logout() -> None:
    bao()
    client = Client()
    log_in(client)
    first = client.cookies[_session_cookie()].value

    assert client.get("/staff/logout/").status_code == 405
    assert client.post("/staff/logout/").status_code == 302
    log_in(client)
    assert client.cookies[_session_cookie()].value != first


def test_an_account_without_a_role_is_refused() -> None:
    User.objects.create_user("bao", password=PASSWORD)
    client = Client()
    log_in(client)

    assert client.get("/staff/").status_code == 403


def _session_cookie() -> str:
    from django.conf import settings

    return settings.SESSION_COOKIE_NAME

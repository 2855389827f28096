"""Demo accounts: random passwords in a private file, made once, of no use in a real shop."""

import json
import stat
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from staff.demo_accounts import NotADemo, demo_logins, logins_file, make_demo_accounts
from staff.models import DemoAccount

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings: Settings, tmp_path: Path) -> Settings:
    settings.VAR = tmp_path
    settings.DEMO = True
    return settings


def log_in(username: str, password: str) -> int:
    form = {"username": username, "password": password}
    return Client().post("/staff/login/", form).status_code


def test_three_people_with_their_roles() -> None:
    logins = make_demo_accounts()

    assert [(login.username, login.role) for login in logins] == [
        ("bao", "barista"),
        ("casey", "cashier"),
        ("ada", "manager"),
    ]
    for login in logins:
        assert [group.name for group in User.objects.get(username=login.username).groups.all()] == [
            login.role
        ]


def test_only_the_owner_may_read_the_passwords() -> None:
    make_demo_accounts()

    assert stat.S_IMODE(logins_file().stat().st_mode) == 0o600
    assert [path.name for path in logins_file().parent.iterdir()] == ["demo_logins.json"]


def test_passwords_are_random() -> None:
    passwords = {login.password for login in make_demo_accounts()}

    assert len(passwords) == 3
    assert min(map(len, passwords)) >= 16


def test_making_them_again_changes_nothing() -> None:
    first = make_demo_accounts()
    hashes = list(User.objects.order_by("pk").values_list("password", flat=True))

    assert make_demo_accounts() == first
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == hashes


def test_making_them_again_checks_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_demo_accounts()
    checked: list[str] = []
    monkeypatch.setattr(User, "check_password", lambda _user, password: checked.append(password))

    make_demo_accounts()

    assert checked == []


def test_a_password_written_into_the_file_counts() -> None:
    make_demo_accounts()
    logins = json.loads(logins_file().read_text())
    logins["bao"]["password"] = "chosen by its owner"
    logins_file().write_text(json.dumps(logins))

    make_demo_accounts()

    assert log_in("bao", "chosen by its owner") == 302


def test_a_password_changed_in_the_database_becomes_that_of_the_file() -> None:
    login = make_demo_accounts()[0]
    user = User.objects.get(username=login.username)
    user.set_password("changed in the inspector")
    user.save()

    make_demo_accounts()

    assert log_in(login.username, login.password) == 302


def test_a_lost_file_means_new_passwords() -> None:
    old = {login.password for login in make_demo_accounts()}
    logins_file().unlink()

    new = make_demo_accounts()

    assert not old & {login.password for login in new}
    assert log_in(new[0].username, new[0].password) == 302


def test_a_real_person_of_the_same_name_is_left_alone() -> None:
    real = User.objects.create_user("ada", password="ada's own password")
    real.groups.set([Group.objects.get(name="barista")])

    make_demo_accounts()

    real.refresh_from_db()
    assert real.check_password("ada's own password")
    assert not DemoAccount.objects.filter(user=real).exists()


def test_they_log_in_and_start_at_their_screens() -> None:
    for login in make_demo_accounts():
        client = Client()
        response = client.post(
            "/staff/login/", {"username": login.username, "password": login.password}
        )
        assert (response.status_code, response["Location"]) == (302, "/staff/")
        assert client.get("/staff/").status_code == 302


def test_in_a_real_shop_they_do_not_log_in_and_their_sessions_end(demo: Settings) -> None:
    login = make_demo_accounts()[0]
    client = Client()
    client.post("/staff/login/", {"username": login.username, "password": login.password})
    assert "_auth_user_id" in client.session

    demo.DEMO = False

    assert log_in(login.username, login.password) == 200
    assert client.get("/staff/")["Location"].startswith("/staff/login/")
    assert demo_logins() == ()


def test_in_a_real_shop_they_are_not_made(demo: Settings) -> None:
    demo.DEMO = False

    with pytest.raises(NotADemo):
        make_demo_accounts()
    with pytest.raises(CommandError, match="demo mode only"):
        call_command("demo_accounts")
    assert not User.objects.exists()


def test_the_command_says_where_the_passwords_are(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_accounts")

    said = capsys.readouterr().out
    assert str(logins_file()) in said
    for login in json.loads(logins_file().read_text()).values():
        assert login["password"] not in said

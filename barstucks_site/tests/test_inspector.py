"""The inspector: in the shop's frame, with the shop's login; refuses what it would break on."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

from projections.tests.at_a_screen import member, page
from staff.roles import BARISTA, CASHIER, MANAGER

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    return client


def test_it_is_a_page_of_the_shop() -> None:
    html = page(member(MANAGER, "Ada"), "/inspect/")

    assert "<title>Inspect · Barstucks</title>" in html
    assert '<a href="/inspect/" aria-current="page">Inspect</a>' in html
    assert 'data-theme="dark"' in html
    assert "Django" not in html
    assert "<style" not in html


def test_the_managers_menu_leads_there_and_nobody_elses() -> None:
    assert 'href="/inspect/"' in page(member(MANAGER, "Ada"), "/manage/")
    assert 'href="/inspect/"' not in page(member(CASHIER, "Casey"), "/till/")


def test_the_shop_has_one_login() -> None:
    stranger = Client()

    assert stranger.get("/inspect/")["Location"] == "/staff/login/?next=/inspect/"
    assert member(MANAGER, "Ada").get("/inspect/login/").status_code == 404


@pytest.mark.parametrize("path", ["/inspect/", "/inspect/projections/queueticket/"])
@pytest.mark.parametrize("role", [BARISTA, CASHIER])
def test_who_may_look_at_nothing_here_reads_the_shops_refusal(role: str, path: str) -> None:
    response = member(role).get(path)

    assert response.status_code == 403
    assert "That is not yours to do" in response.content.decode()


def test_the_front_page_has_every_read_model_with_how_fresh_it_is() -> None:
    html = page(member(MANAGER, "Ada"), "/inspect/")

    for table in ("Tickets", "Balances", "Board entries", "Sales of days", "Tracked orders"):
        assert table in html
    assert "not begun" in html
    assert "/inspect/staff/account/add/" in html
    assert "/inspect/orders/menuitem/" not in html


def test_an_owner_finds_the_menu_there_too(owner: Client) -> None:
    html = page(owner, "/inspect/")

    assert "/inspect/orders/menuitem/" in html
    assert "/inspect/staff/auditedlook/" in html


def test_no_row_has_a_page_of_its_own(owner: Client) -> None:
    assert owner.get("/inspect/r/1/1/").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "attempt_time__gte=0001-01-01T00:00:00",
        "attempt_time__lt=9999-12-31T23:59:59-23:59&_facets=True",
    ],
)
def test_a_time_that_no_column_can_have_is_refused(owner: Client, query: str) -> None:
    assert owner.get(f"/inspect/axes/accessattempt/?{query}").status_code == 400


def test_a_refused_address_leaves_no_traceback(
    owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = owner.get("/inspect/auth/group/add/?_to_field=secret")

    assert response.status_code == 400
    assert caplog.records == []


def test_a_program_is_told_in_its_own_form(owner: Client) -> None:
    response = owner.get(
        "/inspect/auth/group/add/?_to_field=secret", headers={"Accept": "application/json"}
    )

    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "bad_request"

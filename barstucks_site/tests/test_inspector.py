"""The inspector: what Django's admin would break on is refused, without a word in the log."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    return client


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

"""What the document says besides shapes, and what happens where it says nothing."""

from typing import Any

import pytest
from django.test import Client

from barstucks_site.api_pages import whole_document
from orders.domain.stock import EXTRA_MINUTES
from tests.api.conftest import Program

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


def said(path: str, method: str = "get") -> Any:
    return whole_document()["paths"][path][method]


def test_it_says_which_headers_come() -> None:
    responses = said("/api/orders/", "post")["responses"]
    assert set(responses["201"]["headers"]) == {"Location"}
    assert set(responses["200"]["headers"]) == {"Idempotent-Replayed"}
    of_problems = whole_document()["components"]["responses"]
    for status in ("429", "503", "504"):
        assert set(of_problems[status]["headers"]) == {"Retry-After"}
    assert set(of_problems["401"]["headers"]) == {"WWW-Authenticate"}


def test_it_says_where_a_token_is_needed_and_where_one_is_taken() -> None:
    assert said("/api/queue/")["security"] == [{"token": []}]
    assert said("/api/orders/{order}/")["security"] == [{}, {"token": []}]


def test_it_says_by_how_many_minutes_the_bar_slows_down() -> None:
    body = said("/api/pace/slow/", "post")["requestBody"]["content"]["application/json"]
    name = body["schema"]["$ref"].rpartition("/")[2]
    fields = whole_document()["components"]["schemas"][name]["properties"]
    assert fields["extra"]["enum"] == list(EXTRA_MINUTES)
    assert body["example"]["extra"] in EXTRA_MINUTES


def test_a_get_has_no_body_whatever_was_sent(open_shop: None) -> None:
    response: Any = Client().generic("GET", "/api/menu/", "x=1", "text/plain")
    assert response.status_code == 200


def test_too_much_in_a_query_is_a_response_that_the_document_knows() -> None:
    response: Any = Client().get("/api/menu/?" + "&".join(f"a{n}=1" for n in range(600)))
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"
    assert "413" in said("/api/menu/")["responses"]


def test_a_program_reads_which_method_an_address_takes() -> None:
    response = Program().ask("/api/menu/", {})
    assert response.status_code == 405
    assert response.json()["detail"] == "This address takes GET, HEAD."
    page: Any = Client().get("/orders/", headers={"accept": "text/html"})
    assert "Only our own pages send to this address." in page.content.decode()

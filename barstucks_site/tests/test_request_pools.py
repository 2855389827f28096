"""Every address has a pool, and what is said to those who get no thread."""

import json
from typing import Any

import pytest
from channels.testing import HttpCommunicator
from django.contrib import admin
from django.urls import URLPattern, get_resolver

from barstucks_site.deadlines import Deadlines
from barstucks_site.refusals import Refusals
from barstucks_site.request_pools import (
    FOR_OPERATORS,
    HASHES_PASSWORDS,
    READS_FACTS,
    WRITES_NO_FACTS,
    Pool,
    pool_of,
)
from barstucks_site.web_server.request_pool import PoolSize
from barstucks_site.web_server.threaded_handler import (
    ANSWER_SECONDS,
    ANSWER_UNTIL,
    Refusal,
    ThreadedHandler,
)
from orders.event_store.deadline import seconds_left
from projections.views.own_writes import HAS_OWN_WRITES


def scope(path: str, method: str = "GET", *, query: bytes = b"", **more: Any) -> dict[str, Any]:
    return {"path": path, "method": method, "query_string": query, "headers": (), **more}


def test_the_tables_name_addresses_that_exist() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    names |= {f"admin:{url.name}" for url in admin.site.get_urls() if isinstance(url, URLPattern)}
    for table in admin.site._registry.values():
        names |= {f"admin:{url.name}" for url in table.get_urls()}

    assert names >= READS_FACTS | FOR_OPERATORS | HASHES_PASSWORDS | WRITES_NO_FACTS


@pytest.mark.parametrize(
    ("request_", "pool"),
    [
        (scope("/"), Pool.PAGES),
        (scope("/basket/"), Pool.PAGES),
        (scope("/basket/", "POST"), Pool.PAGES),
        (scope("/staff/login/"), Pool.PAGES),
        (scope("/staff/login/", "POST"), Pool.LOGINS),
        (scope("/inspect/staff/account/add/", "POST"), Pool.LOGINS),
        (scope("/orders/", "POST"), Pool.ORDERS),
        (scope("/api/orders/", "POST"), Pool.ORDERS),
        (scope("/bar/1f/take/", "POST"), Pool.ORDERS),
        (scope("/me/forget/", "POST"), Pool.ORDERS),
        (scope("/me/export.json"), Pool.FACTS),
        (scope("/inspect/projections/queueticket/"), Pool.FACTS),
        (scope("/inspect/orders/menuitem/"), Pool.PAGES),
        (scope("/metrics"), Pool.OPERATORS),
        (scope("/manage/streams/order-1f/"), Pool.FACTS),
        (scope("/bar/", query=b"at=2026-05-04T08:00:00"), Pool.FACTS),
        (scope("/me/", query=b"after=1") | {HAS_OWN_WRITES: True}, Pool.PAGES),
        (scope("/me/", query=b"after=1") | {HAS_OWN_WRITES: False}, Pool.FACTS),
        (scope("/bar/", query=b"at=1&" * 600), Pool.PAGES),  # more than Django reads
        (scope("/no/such/page/"), Pool.PAGES),
        (scope("/no/such/page/", "POST"), Pool.PAGES),
    ],
)
def test_each_kind_of_request_has_threads_of_its_own(request_: dict[str, Any], pool: Pool) -> None:
    assert pool_of(request_) == pool


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [(Refusal.BUSY, 503, "busy"), (Refusal.OUTCOME_UNKNOWN, 504, "outcome_unknown")],
)
def test_a_refusal_is_the_shop_s_own_page_and_its_own_json(
    refusal: Refusal, status: int, code: str
) -> None:
    refuse = Refusals()

    page = refuse(scope("/orders/", "POST", headers=[(b"accept", b"text/html")]), refusal)
    program = refuse(scope("/api/orders/", "POST"), refusal)

    headers = {name.lower(): value for name, value in page.headers}
    assert page.status == program.status == status
    assert b"Barstucks" in page.body
    assert b"To the menu" in page.body
    assert headers[b"retry-after"] == b"2"
    assert b"no-store" in headers[b"cache-control"]
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"content-length"] == str(len(page.body)).encode()
    problem = json.loads(program.body)
    assert problem["code"] == code
    assert dict(program.headers)[b"Content-Type"] == b"application/problem+json"
    assert dict(program.headers)[b"X-Request-ID"] == problem["request_id"].encode()
    assert json.loads(refuse(scope("/api/", "POST"), refusal).body) != problem  # an id of its own


def test_what_cannot_be_read_is_a_problem_for_a_program_too() -> None:
    refused = Refusals()(scope("/api/orders/", "POST"), Refusal.UNREADABLE)

    assert (refused.status, json.loads(refused.body)["code"]) == (400, "bad_request")
    assert dict(refused.headers)[b"Content-Type"] == b"application/problem+json"


async def test_a_request_that_finds_no_thread_is_refused_in_the_shop_s_look() -> None:
    handler = ThreadedHandler({"none": PoolSize(1, -1)}, refuse=Refusals())

    response: Any = await HttpCommunicator(handler, "GET", "/").get_response()

    assert response["status"] == 503
    assert b"more people here than we can serve" in response["body"]


async def test_what_is_done_for_a_request_has_its_deadline() -> None:
    seen: list[float] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope[ANSWER_UNTIL], seconds_left()))

    await Deadlines(inner)(scope("/"), None, None)  # type: ignore[arg-type]

    assert seen[0] > 0
    assert 0 < seen[1] <= ANSWER_SECONDS
    assert seconds_left() > ANSWER_SECONDS

"""Requests with one command id at once: one is written, and all are told what the log holds."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Barrier
from typing import Any

import httpx
import pytest

from rush.page import Form
from tests.faults.recorded import Recorded, read_log
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

ROUNDS = 40
AT_ONCE = 2

Request = Callable[[httpx.Client], httpx.Response]


@pytest.fixture(scope="module")
def clients(shop: Shop) -> Iterator[list[httpx.Client]]:
    """Programs, each with a connection of its own that is open already."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(httpx.Client(base_url=shop.url, timeout=15, trust_env=False))
            for _ in range(AT_ONCE)
        ]
        for client in clients:
            assert client.get("/livez").status_code == 200
        yield clients


def at_once(clients: Sequence[httpx.Client], requests: Sequence[Request]) -> list[httpx.Response]:
    """Send each request over its own connection at the same moment."""
    start = Barrier(len(requests))

    def send(client: httpx.Client, request: Request) -> httpx.Response:
        start.wait(10)
        return request(client)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, clients, requests))


def wanted(name: str, command_id: str) -> dict[str, Any]:
    return {"command_id": command_id, "name": name, "items": [{"item": "cappuccino"}]}


def ordering(order: dict[str, Any]) -> Request:
    return lambda client: client.post("/api/orders/", json=order)


def orders_in(shop: Shop) -> dict[str, list[Recorded]]:
    """What the log says, by order."""
    orders: dict[str, list[Recorded]] = defaultdict(list)
    for event in read_log(shop.eventstore_uri):
        orders[event.order].append(event)
    return orders


def order_of(response: httpx.Response) -> str:
    """The order that an answer speaks of."""
    return str(response.json()["url"]).split("/")[2].partition(".")[0]


def test_of_two_contents_under_one_id_one_is_written_and_one_refused(
    shop: Shop, clients: list[httpx.Client]
) -> None:
    said = []
    for _ in range(ROUNDS):
        command_id = str(uuid.uuid4())
        requests = [ordering(wanted(name, command_id)) for name in ("Helen", "Carla")]
        said.append(at_once(clients, requests))

    statuses = [sorted(response.status_code for response in responses) for responses in said]
    assert statuses == [[201, 409]] * ROUNDS
    refused = [r.json()["code"] for responses in said for r in responses if r.status_code == 409]
    assert refused == ["command_id_reused"] * ROUNDS


def test_the_same_order_twice_at_once_is_told_its_own_number_twice(
    shop: Shop, clients: list[httpx.Client]
) -> None:
    said = []
    for _ in range(ROUNDS):
        order = wanted("Helen", str(uuid.uuid4()))
        said.append(at_once(clients, [ordering(order)] * AT_ONCE))

    statuses = [sorted(response.status_code for response in responses) for responses in said]
    assert statuses == [[200, 201]] * ROUNDS
    orders = orders_in(shop)
    for responses in said:
        (recorded,) = orders[order_of(responses[0])]
        assert [r.json()["number"] for r in responses] == [recorded.data["number"]] * AT_ONCE
        assert {response.json()["position"] for response in responses} == {recorded.position}


def pressing(
    visitor: Visitor, path: str, command_id: str, reason: str, _client: httpx.Client
) -> httpx.Response:
    return visitor.press(path, command_id, reason=reason)


def test_two_reasons_under_one_id_one_is_written_and_one_refused(
    shop: Shop, helen: Visitor
) -> None:
    """The staff's buttons go the same way."""
    with Visitor(shop) as ada, Visitor(shop) as again:
        for visitor in (ada, again):
            visitor.log_in("ada", shop.logins["ada"], "/till/")
        for _ in range(ROUNDS // 4):
            path, command_id = f"/till/{helen.order().order}/cancel/", str(uuid.uuid4())
            presses = [
                partial(pressing, visitor, path, command_id, reason)
                for visitor, reason in ((ada, "no milk"), (again, "no beans"))
            ]
            responses = at_once([ada.client, again.client], presses)
            assert sorted(response.status_code for response in responses) == [200, 409]


def test_two_names_under_one_id_one_is_registered_and_one_refused(shop: Shop) -> None:
    for number in range(ROUNDS // 4):
        with Visitor(shop) as here, Visitor(shop) as there:
            form = here.open("/register/").form(ending="/register/")
            there.client.cookies.update(here.client.cookies)
            registering = [
                partial(registering_as, visitor, form, f"{name} {number}")
                for visitor, name in ((here, "Helen"), (there, "Carla"))
            ]
            responses = at_once([here.client, there.client], registering)
        assert sorted(response.status_code for response in responses) == [303, 409]


def registering_as(
    visitor: Visitor, form: Form, name: str, _client: httpx.Client
) -> httpx.Response:
    return visitor.submit(form, {"name": name})

"""A full shop says so, goes on at the counter, and opens again when the flood is cancelled."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.recorded import read_log
from tests.shop import AS_DELIVERED, Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

CEILING = 8


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A running shop with a low ceiling."""
    with Shop(environment={**AS_DELIVERED, "MOST_OPEN_ORDERS": str(CEILING)}) as running:
        yield running


def order(shop: Shop, name: str) -> httpx.Response:
    """Order by program, each from another device."""
    order = {"command_id": str(uuid.uuid4()), "name": name, "items": [{"item": "flat-white"}]}
    return httpx.post(f"{shop.url}/api/orders/", json=order, trust_env=False)


def menu(shop: Shop) -> str:
    return httpx.get(f"{shop.url}/", trust_env=False).text


def test_a_flood_fills_the_shop_and_a_manager_empties_it(shop: Shop, ada: Visitor) -> None:
    with Visitor(shop) as helen:
        form = helen.order_form()
        responses = [order(shop, f"flood {n}") for n in range(CEILING + 3)]
        assert [response.status_code for response in responses] == [201] * CEILING + [503] * 3
        assert responses[-1].json()["code"] == "shop_full"
        assert int(responses[-1].headers["Retry-After"]) >= 60

        assert "We are full just now" in menu(shop)
        refused = helen.submit(form, {"name": "Helen", "pay": "counter"})
        assert refused.status_code == 503
        assert "We are full just now" in refused.text
        assert 'value="Helen"' in refused.text

        counter = ada.open("/till/new/")
        ada.submit(next(form for form in counter.forms() if form.action.endswith("/add/")))
        place = ada.open("/till/new/").form(ending="/till/new/order/")
        assert ada.submit(place, {"name": "at the counter"}).status_code == 303

        shop.wait_until(lambda: ada.open("/manage/open/").text.count("flood") == CEILING, 10)
        selection = ada.open("/manage/open/?q=flood&all=1").form(ending="/manage/open/cancel/")
        done = ada.submit(selection, {"reason": "not a real order"})
        assert done.status_code == 200
        assert f"{CEILING} cancelled" in done.text
        again = ada.submit(selection, {"reason": "not a real order"})
        assert f"{CEILING} cancelled" in again.text
        cancelled = [e for e in read_log(shop.eventstore_uri) if e.type_name == "OrderCancelled"]
        assert len(cancelled) == CEILING

        shop.wait_until(lambda: "We are full just now" not in menu(shop), 5)
        assert helen.submit(form, {"name": "Helen", "pay": "counter"}).status_code == 303


def test_a_device_pays_before_it_orders_for_the_sixth_time() -> None:
    with Shop(environment=AS_DELIVERED) as shop, Visitor(shop) as helen:
        statuses = [
            helen.submit(helen.order_form(), {"name": "Helen", "pay": "counter"}).status_code
            for _ in range(6)
        ]
        assert statuses == [303] * 5 + [429]

"""A shop whose accounts database, with the customers' keys, is gone or older than its log."""

import shutil
from pathlib import Path

import pytest

from tests.shop import Shop, ShopDidNotStart
from tests.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

EX_CONFIG = 78


def order_for(shop: Shop, name: str) -> None:
    """Somebody new orders something."""
    with Visitor(shop) as customer:
        customer.order(name)


def test_a_shop_without_its_customers_keys_refuses_to_open_and_says_what_to_put_back(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path / "var")
    database = shop.var / "default.sqlite3"
    older = tmp_path / "older"
    with shop:
        order_for(shop, "Helen")
    shutil.copy(database, older)
    with shop:
        order_for(shop, "Robert")
    newest = database.rename(tmp_path / "newest")

    with pytest.raises(ShopDidNotStart) as deleted:
        shop.start()
    shutil.copy(older, database)
    with pytest.raises(ShopDidNotStart) as put_back:
        shop.start()
    shutil.copy(newest, database)
    with shop:
        order_for(shop, "Helen")
    database.unlink()
    accepting = Shop(shop.var, {"OPEN_WITHOUT_KEYS": "yes"})
    with accepting:
        order_for(accepting, "Helen")
    with shop:
        order_for(shop, "Robert")

    for refusal in (deleted, put_back):
        assert "The keys of customers are gone" in str(refusal.value)
        assert "put back the newest copy" in str(refusal.value)
        assert "Traceback" not in str(refusal.value)

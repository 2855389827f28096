"""The people of the tests: Helen orders, Bao makes, Casey takes the money, Ada sees everything.

Fixtures; a conftest beside the tests provides `shop`. The staff stay logged in for a module.
"""

from collections.abc import Iterator

import pytest

from tests.shop import Shop
from tests.visitor import Visitor


@pytest.fixture
def helen(shop: Shop) -> Iterator[Visitor]:
    """A customer the shop has never seen."""
    with Visitor(shop) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def bao(shop: Shop) -> Iterator[Visitor]:
    """The barista, at the bar's screen."""
    with Visitor(shop) as visitor:
        visitor.log_in("bao", shop.logins["bao"], "/bar/")
        yield visitor


@pytest.fixture(scope="module")
def casey(shop: Shop) -> Iterator[Visitor]:
    """The cashier, at the till."""
    with Visitor(shop) as visitor:
        visitor.log_in("casey", shop.logins["casey"], "/till/")
        yield visitor


@pytest.fixture(scope="module")
def ada(shop: Shop) -> Iterator[Visitor]:
    """The manager, who may do everything."""
    with Visitor(shop) as visitor:
        visitor.log_in("ada", shop.logins["ada"], "/bar/")
        yield visitor

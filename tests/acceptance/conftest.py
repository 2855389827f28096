"""A running shop for each module of these tests; each test brings its own orders."""

from collections.abc import Iterator

import pytest

from tests.cast import ada, bao, casey, helen
from tests.shop import Shop

__all__ = ["ada", "bao", "casey", "helen", "shop"]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """The shop, with whatever databases and channel layer the environment names."""
    with Shop() as running:
        yield running

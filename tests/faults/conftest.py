"""A shop for each module of these tests: they break it."""

from collections.abc import Iterator

import pytest

from tests.cast import ada, bao, casey, helen
from tests.shop import Shop

__all__ = ["ada", "bao", "casey", "helen", "shop"]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A running shop of our own."""
    with Shop() as running:
        yield running

"""Fixtures of the read side's tests."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from projections.engine.projection import Projection
from projections.engine.rebuild import Rebuild
from projections.folded_order import ORDERS
from projections.tests.in_memory_log import InMemoryLog


@pytest.fixture
def rebuild_in_memory() -> Callable[..., Rebuild]:
    """Rebuild from a log in memory."""

    def build(log: InMemoryLog, projections: Sequence[Projection], **more: Any) -> Rebuild:
        return Rebuild(log, ORDERS, projections, keys=log.keys, **more)  # type: ignore[arg-type]

    return build

"""Fixtures of the read side's tests."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from projections.engine.projection import Projection
from projections.engine.rebuild import Rebuild
from projections.folded_order import ORDERS
from projections.tests.paper_log import PaperLog


@pytest.fixture
def paper_rebuild() -> Callable[..., Rebuild]:
    """Rebuild from a log on paper."""

    def build(log: PaperLog, projections: Sequence[Projection], **more: Any) -> Rebuild:
        return Rebuild(log, ORDERS, projections, keys=log.keys, **more)  # type: ignore[arg-type]

    return build

"""Fixtures of the read side's tests."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from projections import projector, rebuild
from projections.projection import Projection
from projections.tests.paper_log import PaperLog


class PaperFeed:
    """A feed that has everything at once and is caught up."""

    def __init__(self, log: PaperLog, after: int | None) -> None:
        self._left = log.read_all(after)
        self.last_event_at = 0.0

    def take(self, most: int, wait: float) -> list[Any]:
        taken, self._left = self._left[:most], self._left[most:]
        return taken

    def stop(self) -> None:
        """Nothing runs."""


@pytest.fixture
def paper_rebuild(monkeypatch: pytest.MonkeyPatch) -> Callable[..., rebuild.Rebuild]:
    """Rebuild from a log on paper."""
    monkeypatch.setattr(projector, "Feed", PaperFeed)

    def build(log: PaperLog, projections: Sequence[Projection], **more: Any) -> rebuild.Rebuild:
        return rebuild.Rebuild(log, projections, keys=log.keys, **more)  # type: ignore[arg-type]

    return build

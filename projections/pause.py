"""How long to wait before trying again. Knows nothing of what is tried."""

import random


class Pause:
    """Growing pauses with full jitter."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def next(self) -> float:
        """How long to wait now, in seconds."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return random.uniform(pause / 2, pause)  # noqa: S311 - jitter, not a secret

    def reset(self) -> None:
        """Things went well: begin with the shortest pause again."""
        self._next = self._first

"""What one commit changed on the screens of one projection: to be shown after the commit."""

from dataclasses import dataclass

from projections.rows import Changes


@dataclass(frozen=True)
class ScreenChange:
    """Rows that were committed, and the numbers their views have since."""

    projection: str
    generation: int
    seqs: dict[str, int]  # by view
    changes: Changes

"""How far a group has come: the place below which everything is done. Pure, knows no clock."""

from collections import OrderedDict


class Progress:
    """Positions in order, each of them open until it is finished, in any order."""

    def __init__(self, after: int) -> None:
        """Begin after the position ``after``, where everything is done."""
        self.seen = after
        """The last position that was begun or passed over."""
        self._count = 0
        self._open: OrderedDict[int, tuple[int, int]] = OrderedDict()

    def begin(self, position: int) -> None:
        self._open[position] = (self._count, self.seen)
        self._count += 1
        self.seen = position

    def pass_over(self, position: int) -> None:
        """There is nothing to do at ``position``."""
        self._count += 1
        self.seen = position

    def finish(self, position: int) -> None:
        self._open.pop(position, None)

    @property
    def done(self) -> tuple[int, int]:
        """How many positions are done from the first on, and the last of them."""
        for count, before in self._open.values():
            return count, before
        return self._count, self.seen

    @property
    def open(self) -> int:
        return len(self._open)

"""Notices which source files have changed, for `serve --reload`.

Compares times and sizes, and opens no file: that needs no library, and this process imports none.
Knows files; nothing of who is started again because of them.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LOOK_EVERY = 0.5
"""Seconds between two looks: each takes some milliseconds."""

FOLDERS = (
    "api",
    "barstucks_site",
    "orders",
    "projections",
    "staff",
    "rush",
    "templates",
    "static",
    "locale",
)
SUFFIXES = (".py", ".html", ".css", ".js", ".svg", ".png", ".mo")
"""What a process reads when it starts. Editors' own files beside them have other names."""

NOT_RUN = ("__pycache__", "tests")


class SourceWatch:
    """The source files below one directory. Times are of the monotonic clock."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._clock = clock
        self._known = self._latest = dict(self._files())
        self._next_look = clock() + LOOK_EVERY

    def changed(self) -> list[str]:
        """The files that are new, different or gone since the last time.

        Nothing while they are still being written: an editor saves several files, Git many.
        """
        if self._clock() < self._next_look:
            return []
        self._next_look = self._clock() + LOOK_EVERY
        before, self._latest = self._latest, dict(self._files())
        if self._latest != before or self._latest == self._known:
            return []
        known, self._known = self._known, self._latest
        return sorted(dict(known.items() ^ self._known.items()))

    def _files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for folder in FOLDERS:
            for directory, folders, names in os.walk(self._root / folder):
                folders[:] = [name for name in folders if name not in NOT_RUN]
                for name in names:
                    if name.endswith(SUFFIXES):
                        yield from _state(Path(directory, name), self._root)


def _state(file: Path, root: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        status = file.stat()
    except FileNotFoundError:  # it has gone meanwhile
        return
    yield str(file.relative_to(root)), (status.st_mtime_ns, status.st_size)

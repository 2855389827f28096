"""A disk of a few megabytes for a shop of its own, and how to fill it. Needs the right to mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotMount(Exception):
    """The system does not let us mount anything; the message says what it said."""


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A disk in memory at this place, gone afterwards. Raises `CannotMount`."""
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as wrong:
        raise CannotMount(str(wrong)) from wrong
    if mounted.returncode:
        raise CannotMount(mounted.stderr.strip() or f"mount ended with {mounted.returncode}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S607


class Filler:
    """A file that takes the room of a disk."""

    def __init__(self, disk: Path) -> None:
        self._path = disk / "filler"

    def fill(self, leave: int = 0) -> None:
        """Take all the room but so many bytes."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (1 << 20, 1 << 12, 1):
                self._write(descriptor, bytes(size))
            if leave:
                os.truncate(descriptor, max(0, os.fstat(descriptor).st_size - leave))
        finally:
            os.close(descriptor)

    def _write(self, descriptor: int, piece: bytes) -> None:
        try:
            while True:
                os.write(descriptor, piece)
        except OSError:
            return

    def empty(self) -> None:
        """Give all the room back."""
        self._path.unlink(missing_ok=True)

"""The directory the log lives in: private to its owner, and to one server at a time."""

import fcntl
import os
import stat
from pathlib import Path

from embedded_eventstore.storage.schema import FILE_NAME, UnusableStoreError

LOCK_NAME = "server.lock"


class DataDirectory:
    """A directory we may use, locked until ``release``."""

    def __init__(self, path: Path) -> None:
        """Create the directory if need be, make it and its files private, and lock it.

        Raises UnusableStoreError with a sentence for whoever starts the server.
        """
        self.path = path
        try:
            self._make_private()
            self._make_files_private()
            self._lock = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UnusableStoreError(f"{path} cannot hold the log: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise UnusableStoreError(
                f"Another server is using {path}. One log has one server: stop the other one, or"
                " give this one a directory of its own."
            ) from None

    def release(self) -> None:
        os.close(self._lock)

    def _make_private(self) -> None:
        if self.path.is_symlink():
            raise UnusableStoreError(f"{self.path} is a symbolic link; name the directory itself.")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.stat().st_mode & 0o077 == 0:
            return
        if any(self.path.iterdir()) and not (self.path / FILE_NAME).exists():
            raise UnusableStoreError(
                f"{self.path} holds other files and is open to other users. Give the log a"
                " directory of its own."
            )
        self.path.chmod(0o700)

    def _make_files_private(self) -> None:
        for file in self.path.iterdir():
            mode = file.lstat().st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                file.chmod(stat.S_IMODE(mode) & 0o700)

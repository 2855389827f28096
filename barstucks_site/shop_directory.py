"""The directory of a shop (BARSTUCKS_VAR): its mode, its secret key, who may read it.

A demo never opens the directory of a real shop, nor the reverse: the file `mode` says which it is.
Knows paths and permissions; nothing of Django's settings.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from barstucks_site import private_file
from barstucks_site.environment import BadSetting

MODE_FILE = "mode"
SECRET_KEY_FILE = "secret_key"  # noqa: S105 - a file name

OURS = ("*.sqlite3*", "*.json", "*.lock", "*.log", MODE_FILE, SECRET_KEY_FILE)
"""The files of a shop beside its own folders. Nothing else is touched: somebody may have named a
directory that holds other things."""

OUR_FOLDERS = ("eventstore", "push", "tmp")


def claim(directory: Path, mode: str) -> None:
    """Make the directory of a shop, readable by its owner only, and write down its mode.

    Raises `BadSetting` when it already belongs to a shop in another mode, or cannot be made.
    """
    marker = directory / MODE_FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / "tmp").mkdir(mode=0o700, exist_ok=True)
        if not marker.exists():
            private_file.create(marker, f"{mode}\n")
        for path in (directory, *_files_of_the_shop(directory)):
            close_to_others(path)
        found = marker.read_text().strip()
    except OSError as wrong:
        raise BadSetting(f"BARSTUCKS_VAR cannot be used: {wrong}.") from wrong
    if found != mode:
        raise BadSetting(
            f"The directory {directory} belongs to a shop in {found} mode, and this is {mode} "
            "mode: set BARSTUCKS_VAR to another directory, or BARSTUCKS_MODE to its mode."
        )


def only_for_the_owner() -> None:
    """From now on, whatever this process and its children create is for their owner only."""
    os.umask(0o077)


def private_database(file: Path) -> None:
    """Make an SQLite database private; a new one before SQLite does, which asks the umask only.

    What SQLite puts beside it gets the same mode. Raises `BadSetting`.
    """
    if not file.parent.is_dir():
        return
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        for path in (file, *file.parent.glob(f"{file.name}-*")):
            close_to_others(path)
    except OSError as wrong:
        raise BadSetting(f"The database {file} cannot be used: {wrong.strerror}.") from wrong


def close_to_others(path: Path) -> None:
    """Take away what others may do with a file or folder; links are left alone. Raises OSError."""
    with suppress(FileNotFoundError):  # gone meanwhile
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & 0o077:
            return
        path.chmod(stat.S_IMODE(mode) & 0o700)


def _files_of_the_shop(directory: Path) -> Iterator[Path]:
    for pattern in OURS:
        yield from directory.glob(pattern)
    for name in OUR_FOLDERS:
        folder = directory / name
        if folder.is_dir() and not folder.is_symlink():
            yield folder
            yield from folder.rglob("*")


def secret_key(directory: Path, given: str, *, demo: bool) -> str:
    """The key that signs cookies and links: as given, or in a demo a random one kept in a file.

    Raises `BadSetting` without one in a real shop.
    """
    if given:
        return given
    if not demo:
        raise BadSetting(
            "SECRET_KEY is not set. Make one with `python -c "
            '"import secrets; print(secrets.token_urlsafe(50))"` and set SECRET_KEY or '
            "SECRET_KEY_FILE."
        )
    path = directory / SECRET_KEY_FILE
    if not path.exists():
        private_file.create(path, secrets.token_urlsafe(50))
    return path.read_text().strip()

"""Files that only their owner may read, written whole or not at all.

Knows paths and permissions; nothing of what is in the files.
"""

import os
import secrets
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of whatever ``path`` was. Raises OSError."""
    draft = _draft(path, content)
    draft.replace(path)
    _sync_directory(path)


def create(path: Path, content: bytes) -> None:
    """Write ``content`` unless ``path`` is there already: of several at once, the first one wins.

    Raises OSError.
    """
    draft = _draft(path, content)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_directory(path)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink()
        raise
    return draft


def _sync_directory(path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)

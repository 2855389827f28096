"""Files that only their owner reads, written whole or not at all. Knows nothing of their text."""

import os
import secrets
from pathlib import Path


def create(path: Path, text: str) -> None:
    """Create a file; the first of two stays. Raises OSError."""
    draft = _draft(path, text)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace(path: Path, text: str) -> None:
    """Write a file anew: nobody ever reads half of it. Raises OSError."""
    _draft(path, text).replace(path)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
    except OSError:  # a full disk: there is enough in its way already
        draft.unlink()
        raise
    return draft

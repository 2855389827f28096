"""Static files, served before Django: collected ones, whose names change with their content."""

from pathlib import Path
from typing import Any

from servestatic import ServeStaticASGI


class CollectedFiles(ServeStaticASGI):  # type: ignore[misc]
    """What has a hash in its name never changes: a browser asks for it once."""

    FOREVER = 365 * 24 * 3600  # seconds


def with_static_files(inner: Any, *, directory: Path, prefix: str) -> Any:
    """The ASGI application `inner`, with every file of the directory in front of it.

    Files are looked up once, at start: no path from outside ever reaches the disk.
    """
    return CollectedFiles(inner, root=directory, prefix=prefix, allow_all_origins=False)

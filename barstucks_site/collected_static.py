"""Static files as they are served: in one directory, named after their content, compressed.

Collected anew by whoever starts and finds that the sources are others than those collected. Knows
where the files are, and nothing of how they are sent.
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.management import call_command
from servestatic.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import "([\w-]+\.css)";$', re.MULTILINE)
"""A stylesheet of the same folder, which imports none itself."""

SOURCES = "sources"
"""The entry of the manifest that says of which sources the files were made."""


class CannotCollect(ImproperlyConfigured):
    """The collected files are missing or old, and their directory cannot be written."""


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with hashes, also in what modules import and stylesheets show; gzip beside each file.

    The manifest says of which sources the files were made.
    """

    support_js_module_import_aggregation = True
    keep_only_hashed_files = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:
        """Put the stylesheets that others import into those, then name and compress them all."""
        for name in [] if dry_run else [name for name in paths if name.endswith(".css")]:
            file = Path(self.path(name))
            text = file.read_text()
            whole = IMPORT.sub(lambda found: (file.parent / found[1]).read_text(), text)  # noqa: B023
            if whole != text:
                file.write_text(whole)
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def add_stats_to_manifest(self) -> None:
        """Note the sources, last of all; ServeStatic's own note is for its middleware."""
        written = json.loads(self.read_manifest() or "{}") | {SOURCES: digest_of_sources()}
        self.manifest_storage.delete(self.manifest_name)
        self.manifest_storage._save(self.manifest_name, ContentFile(json.dumps(written).encode()))


def digest_of_sources() -> str:
    """Changes with any byte of any static file, and with what makes other files of them."""
    digest = hashlib.sha256(f"{django.__version__} {Path(__file__).read_text()}".encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name} {len(content)} ".encode())
            digest.update(content)
    return digest.hexdigest()


def collect_if_changed() -> None:
    """Collect, unless what is there was made of today's sources. Raises `CannotCollect`.

    Several processes may do this at once: one collects, the others wait. What is there stays there,
    for pages that are open.
    """
    directory = Path(settings.STATIC_ROOT)
    digest = digest_of_sources()
    if _collected(directory) == digest:
        return
    try:
        with _alone(directory):
            if _collected(directory) != digest:
                call_command("collectstatic", interactive=False, verbosity=0)
    except OSError as wrong:
        raise CannotCollect(
            f"The static files in {directory} are missing or older than their sources, and cannot "
            f"be collected there ({wrong.strerror}): set STATIC_ROOT to a directory that can be "
            "written, or run `manage.py collectstatic` as somebody who may."
        ) from wrong


def _collected(directory: Path) -> str | None:
    try:
        manifest: dict[str, Any] = json.loads((directory / Storage.manifest_name).read_text())
    except (OSError, ValueError):
        return None
    return manifest.get(SOURCES)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    directory.parent.mkdir(parents=True, exist_ok=True)
    lock = directory.with_name(f"{directory.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

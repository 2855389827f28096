"""`manage.py translations`: bring the catalogues of translations up to date with the program.

New messages come in without a translation, what nobody uses any more goes; then each catalogue is
compiled. To be run after words were changed or translated.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from barstucks_site.catalogues import compiled, read_po, written_po
from barstucks_site.used_messages import used_messages


class Command(BaseCommand):
    """Rewrites every `.po` below the locale folder, and the `.mo` beside it."""

    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say for each language what is missing."""
        used = used_messages()
        for path in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po")):
            catalogue = read_po(path.read_text(encoding="utf-8"))
            text = written_po(catalogue, used)
            written = read_po(text)
            _write(path, text.encode())
            _write(path.with_suffix(".mo"), compiled(written))
            missing = [message.english for message in used if written.lacks(message)]
            self.stdout.write(
                f"{path.parts[-3]}: {len(used)} messages, {len(missing)} to translate"
            )
            for english in missing:
                self.stdout.write(f"  {english}")


def _write(path: Path, content: bytes) -> None:
    """Leave alone what is right already: somebody may be reading it."""
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)

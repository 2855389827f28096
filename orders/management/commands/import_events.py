"""`manage.py import_events FILE`: the events of one order, as printed in the article."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.event_import.importer import ImportRefused, import_events
from orders.event_store import EventStoreError, event_store


class Command(BaseCommand):
    """Imports one order; running it again changes nothing."""

    help = "Import the events of one order from a JSON file, e.g. docs/article-events.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and the stream for those who want to name it."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--stream", default="", help="order-<32 hexadecimal digits> (default: from the file)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and say what was done. Raises CommandError with a sentence."""
        file: Path = options["file"]
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        try:
            done = import_events(text, event_store(), options["stream"])
        except ImportRefused as error:
            raise CommandError(f"{file}: {error} Nothing was appended.") from error
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        events = "event" if done.appended == 1 else "events"
        self.stdout.write(
            f"{done.appended} {events} appended to {done.stream}; "
            f"{done.already_there} already there"
        )

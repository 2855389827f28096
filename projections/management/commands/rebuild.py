"""`manage.py rebuild [NAME …]`: read models made anew from the log, beside the live ones."""

import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.event_store import event_store
from projections.engine.apply import RebuildFailed
from projections.engine.models import Checkpoint
from projections.engine.projector import collect_garbage_rarely
from projections.engine.rebuild import Rebuild
from projections.folded_order import ORDERS
from projections.live.push import Pusher
from projections.screens import PROJECTIONS, projection_named


class Command(BaseCommand):
    """Rebuild some projections, or all."""

    help = "Builds new generations of the read models from the log and switches to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The names of projections."""
        parser.add_argument("names", nargs="*", metavar="NAME", help="default: all projections")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 if an event cannot be applied; the screens then keep what they show."""
        try:
            projections = [projection_named(name) for name in options["names"]] or PROJECTIONS
        except LookupError as error:
            raise CommandError(str(error)) from error
        collect_garbage_rarely()
        pusher = Pusher()
        work = Rebuild(event_store(), ORDERS, projections, switched=pusher.redraw)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: work.stop())
        begun = time.monotonic()
        try:
            work.run()
        except RebuildFailed as error:
            raise CommandError(f"{error} The screens keep showing the old rows.") from error
        finally:
            pusher.close()
        seconds = time.monotonic() - begun
        if len(work.switched) < len(projections):
            raise CommandError("Stopped before it was done; the same command goes on.")
        most = 0
        for name, generation in sorted(work.switched.items()):
            checkpoint = Checkpoint.objects.get(projection=name, generation=generation)
            most = max(most, checkpoint.handled)
            self.stdout.write(f"{name}: generation {generation}, {checkpoint.handled} events")
        self.stdout.write(f"{most} events in {seconds:.1f} s ({most / seconds:.0f} events/s)")

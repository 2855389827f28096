"""`manage.py rebuild [NAME …]`: read models made anew from the log, beside the live ones."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from orders.event_store import ReadInAnotherProcess, event_store
from orders.stop_signals import on_stop_signals
from projections.engine.apply import RebuildFailed
from projections.engine.models import Checkpoint
from projections.engine.projector import collect_garbage_rarely
from projections.engine.rebuild import Rebuild
from projections.folded_order import ORDERS
from projections.live.push import Pusher
from projections.screens import PROJECTIONS, projection_named

BAR_WIDTH = 24


class ProgressLine:
    """How far it is: a bar on a terminal, rewritten in place; elsewhere a line now and then."""

    LINE_EVERY = 10.0
    """Seconds between two lines where there is no terminal."""

    def __init__(self, out: OutputWrapper, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._begun = self._said = clock()

    def show(self, share: float, events: int) -> None:
        """So much of the log is in, with so many events."""
        now = self._clock()
        seconds = now - self._begun
        pace = events / seconds if seconds else 0.0
        left = f", {seconds * (1 - share) / share:.0f} s left" if share else ""
        words = f"{share:4.0%}  {events} events, {pace:.0f} events/s{left}"
        if self._out.isatty():
            filled = round(BAR_WIDTH * share)
            bar = "█" * filled + "·" * (BAR_WIDTH - filled)
            self._out.write(f"\r\x1b[K{bar} {words}", ending="")
            self._out.flush()
        elif now - self._said >= self.LINE_EVERY:
            self._said = now
            self._out.write(words.strip())

    def clear(self) -> None:
        """Leave the terminal as it was."""
        if self._out.isatty():
            self._out.write("\r\x1b[K", ending="")


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
        collect_garbage_rarely(after=1_000_000)  # it leaves hardly any: 214 MB with and without
        pusher = Pusher()
        progress = ProgressLine(self.stdout)
        work = Rebuild(
            event_store(),
            ORDERS,
            projections,
            switched=pusher.redraw,
            reached=progress.show,
            followed=ReadInAnotherProcess(event_store(), settings.EVENTSTORE_URI),
        )
        on_stop_signals(work.stop)
        begun = time.monotonic()
        try:
            work.run()
        except RebuildFailed as error:
            raise CommandError(f"{error} The screens keep showing the old rows.") from error
        finally:
            progress.clear()
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

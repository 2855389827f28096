"""`manage.py project`: events into read models, read models onto the screens. Until SIGTERM."""

import logging
import os
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from orders.event_store import LogFollower, ReadInAnotherProcess, event_store, watchdog
from orders.key_check import refuse_without_keys
from orders.stop_signals import on_stop_signals
from projections.engine import damaged_file, rebuild
from projections.engine.apply import RebuildFailed
from projections.engine.checkpoints import active_cursors
from projections.engine.damaged_file import ReadModelsDamaged
from projections.engine.projector import Projector, collect_garbage_rarely
from projections.engine.transactions import read_models_alias
from projections.folded_order import ORDERS
from projections.live.push import Pusher
from projections.screens import PROJECTIONS

STOP_SECONDS = 10.0
AGAIN_SECONDS = 2.0
"""Until it is looked again whether read models that were away or full can be built anew."""

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Run the projector. Any number of them may run at once; one makes progress."""

    help = "Runs the projector: events into read models, and pushes to the open screens."
    requires_system_checks = ()  # they load every page; `manage.py check` is for them
    _damage: ReadModelsDamaged | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        """Until SIGTERM or SIGINT; the batch at work is finished.

        Ends with an error when the read models are damaged under it: started again, it mends them.
        """
        os.umask(0o077)  # what it creates is for its owner only
        stopping = threading.Event()
        on_stop_signals(stopping.set)
        # Here and not before the shop opens: reading a large file takes seconds.
        if done := damaged_file.mend(thoroughly=True):
            self.stderr.write(done)
        collect_garbage_rarely()
        pusher = Pusher()
        store = event_store()
        refuse_without_keys(store)
        projector = Projector(store, ORDERS, lambda: active_cursors(PROJECTIONS), push=pusher)
        follower = LogFollower(store, projector, name="projector", alive=watchdog().alive)
        threads = [
            threading.Thread(target=self._follow, args=(follower, stopping), name="projector"),
            threading.Thread(
                target=self._rebuild_outdated, args=(stopping, pusher), name="rebuild"
            ),
        ]
        for thread in threads:
            thread.start()
        stopping.wait()
        for thread in threads:
            thread.join(STOP_SECONDS)
        pusher.close()
        if self._damage is not None:
            raise CommandError(str(self._damage))

    def _follow(self, follower: LogFollower, stopping: threading.Event) -> None:
        try:
            follower.run(stopping)
        except ReadModelsDamaged as error:
            self._damage = error
            stopping.set()

    def _rebuild_outdated(self, stopping: threading.Event, pusher: Pusher) -> None:
        """A new version of a projection's code builds its rows anew, beside the old ones."""
        while not stopping.is_set():
            try:
                _build_anew(stopping, pusher)
                return
            except RebuildFailed as error:
                logger.error("%s The screens keep showing the old rows.", error)
                return
            except DatabaseError as error:
                logger.warning("building anew waits for the read models (%s)", error)
                connections[read_models_alias()].close()
                stopping.wait(AGAIN_SECONDS)


def _build_anew(stopping: threading.Event, pusher: Pusher) -> None:
    for projection in PROJECTIONS:
        rebuild.remove_retired(projection)  # of a run that was interrupted
    outdated = rebuild.outdated(PROJECTIONS)
    if not outdated:
        return
    work = rebuild.Rebuild(
        event_store(),
        ORDERS,
        outdated,
        switched=pusher.redraw,
        followed=ReadInAnotherProcess(event_store(), settings.EVENTSTORE_URI),
    )
    watcher = threading.Thread(target=_stop_with, args=(stopping, work), daemon=True)
    watcher.start()
    work.run()


def _stop_with(stopping: threading.Event, work: rebuild.Rebuild) -> None:
    stopping.wait()
    work.stop()

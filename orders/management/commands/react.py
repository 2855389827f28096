"""`manage.py react`: the services' reactions to one another's events, and to time."""

import os
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from orders.event_store import event_store, watchdog
from orders.key_check import refuse_without_keys
from orders.payments.terminal import payment_gateway
from orders.reactions.checkpoint import StoredCheckpoint
from orders.reactions.parking import StoredParking
from orders.reactions.reactions import Reactions
from orders.reactions.reactor import Reactor
from orders.stop_signals import on_stop_signals


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; calls under way are waited for."""

    help = "React to the events in the log: card payments, refunds, cancellations."
    requires_system_checks = ()  # they load every page; `manage.py check` is for them

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the only option."""
        parser.add_argument(
            "--give-up-after",
            type=float,
            default=settings.PAYMENT_GIVE_UP_SECONDS,
            metavar="SECONDS",
            help="call off a card payment without a word from the gateway (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Follow the log; starts also while the log is away."""
        os.umask(0o077)  # what it creates is for its owner only
        store = event_store()
        refuse_without_keys(store)
        reactor = Reactor(
            store,
            Reactions(
                store, payment_gateway(), give_up=timedelta(seconds=options["give_up_after"])
            ),
            StoredCheckpoint(),
            StoredParking(),
            release=close_old_connections,
            alive=watchdog().alive,
            timers=True,
        )
        stopping = threading.Event()
        on_stop_signals(stopping.set)
        reactor.run(stopping)
        self.stdout.write("The reactor has stopped.")

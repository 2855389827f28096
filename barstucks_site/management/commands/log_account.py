"""`manage.py log_account`: the shop's own account in a log that somebody else runs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from orders.event_store.log_address import LogAddress
from orders.event_store.own_account import NoAccount, give_rights, make_account


class Command(BaseCommand):
    """Makes the user that EVENTSTORE_URI names, with the rights that the shop needs."""

    help = (
        "Makes the user of EVENTSTORE_URI in a KurrentDB, as its administrator "
        "(EVENTSTORE_ADMIN_PASSWORD), and gives it the rights that the shop needs. A second run "
        "changes nothing."
    )
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Raises CommandError with a sentence."""
        if not settings.EVENTSTORE_ADMIN_PASSWORD:
            raise CommandError(
                "EVENTSTORE_ADMIN_PASSWORD is not set: only the log's administrator makes users."
            )
        try:
            address = LogAddress.read(settings.EVENTSTORE_URI)
            self.stdout.write(make_account(address, settings.EVENTSTORE_ADMIN_PASSWORD))
            for change in give_rights(address, settings.EVENTSTORE_ADMIN_PASSWORD):
                self.stdout.write(change)
        except NoAccount as wrong:
            raise CommandError(str(wrong)) from wrong

"""`manage.py verify_read_models`: are the read models what the log says? Exit 1 if not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.event_store import StoreUnavailable, event_store
from projections.engine.verify import NeverAtRest, verify
from projections.folded_order import ORDERS
from projections.screens import PROJECTIONS


class Command(BaseCommand):
    """Compare every read model with a fold of the log, row by row."""

    help = "Folds the log into a shadow and compares every row of the read models with it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a table. Raises CommandError (exit 1) on any difference."""
        try:
            verdicts = verify(event_store(), ORDERS, PROJECTIONS)
        except (NeverAtRest, StoreUnavailable) as error:
            raise CommandError(str(error)) from error
        if not verdicts:
            self.stdout.write("Nothing has been projected yet.")
        for verdict in verdicts:
            self.stdout.write(
                f"{verdict.table}: {verdict.rows} rows, {verdict.differing} differ, "
                f"{verdict.missing} missing, {verdict.surplus} surplus"
            )
            for example in verdict.examples:
                self.stdout.write(f"  {example}")
        if not all(verdict.is_equal for verdict in verdicts):
            raise CommandError("The read models are not what the log says.")
        self.stdout.write("Every row is what the log says.")

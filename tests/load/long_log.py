"""Fills a shop's log with believable days, quickly: events as the shop itself would have written.

    python -m tests.load.long_log DIRECTORY EVENTS     (the files of a shop that is closed)

What the domain decided (`believable_days`) is encoded by the shop's own codec, with the keys of
the shop it fills, and written through the storage of the embedded Eventstore, in transactions of
thousands of events, each with the time at which it would have been recorded. The log must not be
open. Reading it is the shop's own business: `filled_shop.py` brings the read models up to date.
"""

import argparse
import hashlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

import django


def argument_parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="BARSTUCKS_VAR of the shop")
    parser.add_argument("events", type=int)
    parser.add_argument("--end", type=datetime.fromisoformat, help="default: the last rush")
    parser.add_argument("--orders-only", action="store_true", help="as they were placed")
    return parser


if __name__ == "__main__":
    os.environ["BARSTUCKS_VAR"] = str(argument_parser().parse_args().directory)
    for elsewhere in ("DATABASE_URL", "READ_MODELS_URL", "EVENTSTORE_URI"):
        os.environ.pop(elsewhere, None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from embedded_eventstore.storage.data_directory import DataDirectory  # noqa: E402
from embedded_eventstore.storage.log import Log  # noqa: E402
from embedded_eventstore.storage.operations import (  # noqa: E402
    Append,
    ProposedEvent,
    Written,
)
from orders.customers.name_reservation import hash_of  # noqa: E402
from orders.domain.streams import customer_name_stream  # noqa: E402
from orders.event_codec import KeyRing, encode  # noqa: E402
from orders.event_store import Place  # noqa: E402
from orders.fingerprint import fingerprint_of  # noqa: E402
from orders.key_check import CheckedKeys  # noqa: E402
from orders.personal_data import CustomerKey  # noqa: E402
from orders.reactions.checkpoint import StoredCheckpoint  # noqa: E402
from tests.load import believable_days  # noqa: E402
from tests.load.believable_days import BelievableDays  # noqa: E402

EPOCH = datetime.fromtimestamp(0, UTC)
SEED = 1
APPENDS_IN_A_COMMIT = 5_000
RECORDED_AFTER = timedelta(milliseconds=5)
"""How long after it happened an event is recorded."""

REACTED_BEFORE = timedelta(minutes=10)
"""What is older than this has been reacted to; the reactor reads the rest again, harmlessly."""

LAST_MINUTE_OF_THE_RUSH = (9, 10)


class LogIsNotEmpty(Exception):
    """These days, or some of them, are in the log already."""


class NewKeys(KeyRing):
    """Keys of customers who were never seen before; `flush` stores them in the shop's table.

    They follow from the seed, so that the same days have the same keys.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = f"{seed}:key:"
        self._made: dict[str, bytes] = {}

    def writing_key(self, customer: str) -> bytes:
        """The customer's key."""
        key = hashlib.sha256(f"{self._seed}{customer}".encode()).digest()
        self._made[customer] = key
        return key

    def flush(self) -> None:
        """Store what was made since the last time."""
        rows = [CustomerKey(customer=customer, key=key) for customer, key in self._made.items()]
        CustomerKey.objects.bulk_create(rows, batch_size=300, ignore_conflicts=True)
        self._made.clear()


@dataclass
class Filled:
    """How a log was filled."""

    events: int = 0
    seconds: float = 0.0
    last: Place | None = None
    reacted: Place | None = None
    """The last event that nobody has to react to any more."""


@dataclass
class _RecordingClock:
    """Tells the log when the append was recorded that it writes just now."""

    at: datetime

    def __call__(self) -> int:
        return (self.at + RECORDED_AFTER - EPOCH) // timedelta(microseconds=1) * 1_000


def days_until(
    events: int,
    end: datetime,
    *,
    seed: int = SEED,
    orders_a_day: int = believable_days.ORDERS_A_DAY,
    orders_only: bool = False,
) -> BelievableDays:
    """Days up to `end`, about so many events, with the shop's own names of streams."""
    return BelievableDays(
        seed=seed,
        events=events,
        end=end,
        zone=timezone.get_default_timezone(),
        name_stream=lambda name: customer_name_stream(hash_of(name)),
        orders_a_day=orders_a_day,
        orders_only=orders_only,
    )


def last_rush(now: datetime) -> datetime:
    """The latest moment at which the morning's rush was at its height: screens are full then."""
    hour, minute = LAST_MINUTE_OF_THE_RUSH
    local = timezone.localtime(now)
    today = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


def fill(directory: Path, days: BelievableDays) -> Filled:
    """Write these days into the log in this directory, and their keys into the shop's table.

    Raises `UnusableStoreError` while a server has the log.
    """
    filled, began = Filled(), time.perf_counter()
    keys, clock = NewKeys(days.seed), _RecordingClock(days.begin)
    locked = DataDirectory(directory)
    log = Log(directory, clock)
    try:
        appends = days.appends()
        while some := list(islice(appends, APPENDS_IN_A_COMMIT)):
            operations = [_encoded(append, keys) for append in some]
            keys.flush()  # a key is stored before the first fact that it seals
            log.begin()
            for append, operation in zip(some, operations, strict=True):
                clock.at = append.at
                written = log.execute(operation)
                if not isinstance(written, Written) or written.position is None:
                    raise LogIsNotEmpty(f"{operation.stream}: {written}")
                filled.events += len(operation.events)
                filled.last = _place(written.position, operation)
                if append.at < days.end - REACTED_BEFORE:
                    filled.reacted = filled.last
            log.commit()
            log.checkpoint()
    finally:
        log.close()
        locked.release()
    filled.seconds = time.perf_counter() - began
    return filled


def note_what_is_done(filled: Filled) -> None:
    """Let the shop know what it would know itself: keys are checked, old facts reacted to."""
    if filled.last is not None:
        CheckedKeys.objects.update_or_create(pk=1, defaults={"position": filled.last.position})
    if filled.reacted is not None:
        StoredCheckpoint().save(filled.reacted)
        StoredCheckpoint().note_seen(filled.reacted.position)


def _encoded(append: believable_days.Append, keys: KeyRing) -> Append:
    """What the shop's command handler would have appended."""
    fingerprint = fingerprint_of(append.command)
    return Append(
        append.stream,
        append.behind,
        tuple(
            ProposedEvent(new.event_id.bytes, new.type_name, True, new.metadata, new.data)
            for new in (
                encode(event, command=append.command, index=n, fingerprint=fingerprint, keys=keys)
                for n, event in enumerate(append.events)
            )
        ),
    )


def _place(position: int, operation: Append) -> Place:
    return Place(position, UUID(bytes=operation.events[-1].event_id))


def main() -> None:
    """Fill the log of the shop in BARSTUCKS_VAR, and print how many events it has then."""
    options = argument_parser().parse_args()
    call_command("migrate", database="default", verbosity=0)
    end = options.end or last_rush(timezone.now())
    days = days_until(options.events, end, orders_only=options.orders_only)
    filled = fill(settings.VAR / "eventstore", days)
    note_what_is_done(filled)
    rate = filled.events / filled.seconds
    print(f"{filled.events} events in {filled.seconds:.1f} s, {rate:.0f} events/s")


if __name__ == "__main__":
    main()

"""How much room the shop's disk has. With too little, nothing new is taken in.

The last room is for what is under way: the journals of the databases and the log must be able to
finish. Reading goes on. Does not know what anybody wants to write.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Gauge

from orders.event_store import StorageFull
from orders.responses import problem_of, problem_response

MEGABYTE = 1 << 20
WARN_SHARE, REFUSE_SHARE = 0.10, 0.05
"""Of a small disk these shares are enough, if that is less than what the settings ask for."""

READING = ("GET", "HEAD", "OPTIONS", "TRACE")

FREE = Gauge("barstucks_disk_free_bytes", "Room left on the disk of BARSTUCKS_VAR")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Room:
    """The room on one disk, in bytes."""

    free: int
    total: int

    @property
    def is_too_little(self) -> bool:
        """Whether nothing new should be taken in."""
        return self.free < min(settings.DISK_REFUSE_MB * MEGABYTE, self.total * REFUSE_SHARE)

    @property
    def is_scarce(self) -> bool:
        """Whether somebody should make some."""
        return self.free < min(settings.DISK_WARN_MB * MEGABYTE, self.total * WARN_SHARE)


def room() -> Room | None:
    """The room for the shop's files; None where it keeps no data of its own."""
    if not settings.DATA_IS_HERE:
        return None
    usage = shutil.disk_usage(settings.VAR)
    FREE.set(usage.free)
    return Room(usage.free, usage.total)


class DiskCheck:
    """The check of `/readyz`; also writes into the log when room becomes scarce."""

    def __init__(self) -> None:
        self._was_scarce = False

    def reach_the_disk(self) -> None:
        """Raise `StorageFull` if there is too little room."""
        here = room()
        if here is None:
            return
        if here.is_scarce and not self._was_scarce:
            log.warning("disk.scarce", free_mb=here.free // MEGABYTE, path=str(settings.VAR))
        self._was_scarce = here.is_scarce
        if here.is_too_little:
            raise StorageFull


class RefuseWithoutRoom:
    """Middleware: with too little room every request that would write is refused, alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse or pass on. Asking the system costs some microseconds."""
        if request.method not in READING:
            here = room()
            problem = problem_of(StorageFull()) if here and here.is_too_little else None
            if problem is not None:
                return problem_response(request, problem)
        return self._get_response(request)

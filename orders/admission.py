"""Whether one more order may come in just now: the question that ordering asks.

The write side knows no queue. Whoever knows it stands behind the setting `ORDER_ADMISSION`, the
dotted path of a function that gives an `Admission`; this module is only the question and the words.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import ClassVar, Protocol
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from orders.customers.guests import guest_of
from orders.domain.words import Words

_making = Lock()


class NotAdmitted(Exception):
    """No more orders just now; nothing was written. `retry_after` is in seconds."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after


class TooManyUnpaid(NotAdmitted):
    """This device or this address has as many open orders as may wait to be paid."""

    status = 429
    code = "too_many_unpaid_orders"


class ShopFull(NotAdmitted):
    """The bar has as many orders before it as the shop wants to promise."""

    status = 503
    code = "shop_full"


@dataclass(frozen=True)
class Origin:
    """Where an order of a guest comes from."""

    address: str
    device: UUID | None  # the guest of the signed cookie; None for programs and strangers


@dataclass(frozen=True)
class Full:
    """The shop takes no orders of guests for about so many minutes; so many are open."""

    minutes: int
    open_orders: int
    is_paused: bool = False  # by the bar, not by the number of open orders

    @property
    def sentence(self) -> str:
        """What the guest reads."""
        if self.is_paused:
            return Words(
                "Please order at the counter; here again in about a minute.",
                plural="Please order at the counter; here again in about %(number)s minutes.",
                number=self.minutes,
            )
        return Words(
            "We are full just now. Please come back in about a minute.",
            plural="We are full just now. Please come back in about %(number)s minutes.",
            number=self.minutes,
        )


class Admission(Protocol):
    """Answers for the whole shop, from any thread."""

    def admitted(self, order: UUID, origin: Origin | None) -> AbstractContextManager[None]:
        """Place the order within this context. `None`: the counter, which is never refused.

        Raises a `NotAdmitted` before anything was written.
        """

    def full(self) -> Full | None:
        """How full the shop is, if it is; a second old at most."""

    def may_rush(self, order: UUID) -> bool:
        """Whether this order may go before those that came earlier: only few may at a time."""


class AlwaysOpen:
    """Lets every order in: for tests of the write side, which has no queue."""

    @contextmanager
    def admitted(self, _order: UUID, _origin: Origin | None) -> Iterator[None]:
        """Let it in."""
        yield

    def full(self) -> Full | None:
        """Never."""
        return None

    def may_rush(self, _order: UUID) -> bool:
        """Always."""
        return True


def admission() -> Admission:
    """The one of this process: threads that ask at once get the same."""
    with _making:
        return made()


@cache
def made() -> Admission:
    """What the settings name."""
    admission: Admission = import_string(settings.ORDER_ADMISSION)()
    return admission


def origin_of(request: HttpRequest) -> Origin:
    """Where this request comes from; proxies have been seen to (`PROXY_HOPS`)."""
    return Origin(str(request.META.get("REMOTE_ADDR", "")), guest_of(request))


def origin_of_program(request: HttpRequest) -> Origin:
    """The same for a program, whose cookies count for nothing."""
    return Origin(str(request.META.get("REMOTE_ADDR", "")), None)

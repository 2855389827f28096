"""Reactors that kill themselves (kill -9) at a chosen moment, one after the other.

Built from the shop's own reactor and reactions, with collaborators that die. Each line on standard
input, `what before|after give_up_seconds`, forks one; its process id is printed, and its exit code
when it has ended. `what` is a call to the gateway (charge, cancel, refund), the published name of
an appended event, or `checkpoint`. Forked, because to start Python and Django for each death takes
longer than the death.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import django

django.setup()

from orders.event_store import (  # noqa: E402 (Django has to be set up first)
    NewStoredEvent,
    Place,
    StoredEvent,
    event_store,
)
from orders.payments.terminal import payment_gateway  # noqa: E402
from orders.reactions.checkpoint import StoredCheckpoint  # noqa: E402
from orders.reactions.parking import StoredParking  # noqa: E402
from orders.reactions.reactions import Reactions  # noqa: E402
from orders.reactions.reactor import Reactor  # noqa: E402

R = TypeVar("R")


class Death:
    """Comes once, at its moment."""

    def __init__(self, what: str, when: str) -> None:
        self._moment = (what, when)

    def around(self, what: str, act: Callable[[], R]) -> R:
        """Do it, unless death comes before; die after it, if that is the moment."""
        self._perhaps(what, "before")
        done = act()
        self._perhaps(what, "after")
        return done

    def _perhaps(self, what: str, when: str) -> None:
        if (what, when) == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingGateway:
    """The shop's gateway, with death around each call."""

    def __init__(self, death: Death) -> None:
        self._death = death
        self._gateway = payment_gateway()

    def __getattr__(self, call: str) -> Callable[..., Any]:
        act = getattr(self._gateway, call)
        return lambda *words: self._death.around(call, lambda: act(*words))


class DyingLog:
    """The shop's log, with death around each append."""

    def __init__(self, death: Death) -> None:
        self._death = death
        self._store = event_store()

    def read_stream(self, stream: str) -> list[StoredEvent]:
        """All events of a stream."""
        return self._store.read_stream(stream)

    def append(
        self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
    ) -> int:
        """Append, and die at the chosen event."""
        return self._death.around(
            events[0].type_name,
            lambda: self._store.append(stream, expected_revision, list(events)),
        )


class DyingCheckpoint(StoredCheckpoint):
    """The reactor's checkpoint, with death around each step forward."""

    def __init__(self, death: Death) -> None:
        self._death = death

    def save(self, place: Place) -> None:
        """Move on."""
        step_forward = super().save
        self._death.around("checkpoint", lambda: step_forward(place))


def react(what: str, when: str, give_up_seconds: str) -> None:
    """React until death comes."""
    death = Death(what, when)
    reactions = Reactions(
        DyingLog(death),
        DyingGateway(death),
        give_up=timedelta(seconds=int(give_up_seconds)),
    )
    Reactor(event_store(), reactions, DyingCheckpoint(death), StoredParking()).run(
        threading.Event()
    )


def main() -> None:
    """Fork a reactor for each line."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            react(*line.split())
            return
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()

"""Given these facts, when this command is given, then these facts follow, or a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orders.domain.command import Command, Service
from orders.domain.event import Event
from orders.domain.refused import Refused


@dataclass(frozen=True)
class Outcome:
    """The events that a service decided on, or its refusal."""

    events: tuple[Event, ...]
    refusal: Refused | None

    def then(self, *events: Event) -> None:
        assert self.refusal is None, repr(self.refusal)
        assert self.events == events

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, reason: type[Refused]) -> Any:
        assert type(self.refusal) is reason, self.refusal or self.events
        assert self.refusal.sentence.endswith("."), "a sentence for the person at the screen"
        return self.refusal


@dataclass(frozen=True)
class Given:
    """A service and the facts it has seen."""

    service: Service[Any]
    facts: Sequence[Event]

    def when(self, command: Command) -> Outcome:
        state = self.service.fold(self.facts)
        try:
            return Outcome(tuple(self.service.decide(state, command)), None)
        except Refused as refusal:
            return Outcome((), refusal)


def given(service: Service[Any], *facts: Event) -> Given:
    return Given(service, facts)

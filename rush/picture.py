"""What one screen shows: the rules by which a live page takes in the shop's messages.

A push carries the full state of the changed rows under the view's next number. The number after
the last one is applied, an older one ignored, and anything else answered by asking for everything.
So a lost, doubled or late push does no harm. Knows nothing of sockets, nothing of coffee.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from rush.page import Element, read_page

MOST_EARLY = 200
PER_VIEWER = re.compile(r'(name="(?:command_id|csrfmiddlewaretoken)"\s+value=")[^"]*')
"""Made anew for each rendering: no difference between two screens."""


class Heard(Enum):
    """What a message meant for the picture."""

    CHANGED = "changed"
    NOTHING_NEW = "nothing new"
    GAP = "gap"


@dataclass(frozen=True)
class Fragment:
    """One piece of a screen: a ticket, a balance, a count."""

    id: str
    slot: str
    sort: str
    html: str

    @property
    def element(self) -> Element:
        """The fragment as it stands on the page."""
        return read_page(self.html)

    @property
    def comparable(self) -> tuple[str, str, str]:
        """What two screens must agree about."""
        return self.slot, self.sort, PER_VIEWER.sub(r"\1", " ".join(self.html.split()))


@dataclass
class Picture:
    """What one screen shows, and which number of its view that is."""

    generation: Any = None
    seq: int = -1
    fragments: dict[str, Fragment] = field(default_factory=dict)
    snapshots: int = 0
    gaps: int = 0
    early: list[Mapping[str, Any]] = field(default_factory=list)

    def hear(self, message: Mapping[str, Any]) -> Heard:
        """Take in one message of the shop."""
        match message.get("kind"):
            case "snapshot":
                return self._everything(message)
            case "push":
                return self._change(message)
            case "heartbeat":
                return self._heartbeat(message)
            case "resync":
                return self._gap()
        return Heard.NOTHING_NEW

    def _everything(self, message: Mapping[str, Any]) -> Heard:
        if message["generation"] == self.generation and message["seq"] < self.seq:
            return Heard.NOTHING_NEW
        self.generation, self.seq = message["generation"], message["seq"]
        self.fragments = {}
        self._put(message)
        self.snapshots += 1
        early, self.early = sorted(self.early, key=lambda push: int(push["seq"])), []
        for push in early:
            self._change(push)
        return Heard.CHANGED

    def _change(self, message: Mapping[str, Any]) -> Heard:
        same = message["generation"] == self.generation
        if same and message["seq"] <= self.seq:
            return Heard.NOTHING_NEW
        if not same or message["seq"] != self.seq + 1:
            self.early = [*self.early[-MOST_EARLY:], message]
            return self._gap()
        self.seq = message["seq"]
        self._put(message)
        return Heard.CHANGED

    def _heartbeat(self, message: Mapping[str, Any]) -> Heard:
        if message["generation"] == self.generation and message["seq"] <= self.seq:
            return Heard.NOTHING_NEW
        return self._gap()

    def _gap(self) -> Heard:
        self.gaps += 1
        return Heard.GAP

    def _put(self, message: Mapping[str, Any]) -> None:
        for told in message["fragments"]:
            if told.get("html") is None:
                self.fragments.pop(told["id"], None)
            else:
                self.fragments[told["id"]] = Fragment(
                    id=told["id"],
                    slot=told.get("slot", ""),
                    sort=str(told.get("sort", "")),
                    html=told["html"],
                )

    def differences(self, other: "Picture") -> list[str]:
        """In what the two pictures differ, by fragment id."""
        ids = sorted(self.fragments.keys() | other.fragments.keys())
        return [
            each
            for each in ids
            if each not in self.fragments
            or each not in other.fragments
            or self.fragments[each].comparable != other.fragments[each].comparable
        ]

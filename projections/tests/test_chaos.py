"""Pushes that are lost, doubled, late and out of order: every screen still shows the truth."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from projections.engine.sequences import Committed
from projections.live import push, snapshots
from projections.screens import SCREENS
from projections.tests.projecting import EVERY_VIEW, projector_of
from projections.tests.shop_day import random_day

PUSHED = [screen.view for screen in SCREENS if screen.changed is not None]
"""The views that get each change as a push."""

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


@dataclass
class Client:
    """What `static/js/live.js` does, without a browser."""

    view: str
    seq: int = -1
    generation: int = -1
    shown: dict[str, Any] = field(default_factory=dict)
    snapshots: int = 0

    def take(self, text: str) -> None:
        message = json.loads(text)
        match message["kind"]:
            case "snapshot":
                self.generation, self.seq = message["generation"], message["seq"]
                self.shown = {shown["id"]: shown for shown in message["fragments"]}
            case "push" if (message["generation"], message["seq"]) == (
                self.generation,
                self.seq + 1,
            ):
                self.seq += 1
                self.paint(message)
                self.paint(json.loads(snapshots.summary(self.view)))
            case "push" | "heartbeat" if (
                message["generation"] != self.generation or message["seq"] > self.seq
            ):
                self.ask()

    def paint(self, message: dict[str, Any]) -> None:
        for fragment in message["fragments"]:
            if fragment["html"] is None:
                self.shown.pop(fragment["id"], None)
            else:
                self.shown[fragment["id"]] = fragment

    def ask(self) -> None:
        self.snapshots += 1
        self.take(snapshots.snapshot(self.view))


def chaotic(dice: random.Random, late: list[str], text: str) -> list[str]:
    """What arrives now when this is sent: 15 % lost, 10 % doubled, 20 % late and out of order."""
    arriving: list[str] = []
    if dice.random() > 0.15:
        (late if dice.random() < 0.2 else arriving).append(text)
        if dice.random() < 0.1:
            late.append(text)
    while late and dice.random() < 0.4:
        arriving.append(late.pop(dice.randrange(len(late))))
    return arriving


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("view", PUSHED)
def test_a_screen_behind_a_bad_line_converges_at_the_next_heartbeat(view: str, seed: int) -> None:
    dice = random.Random(seed)
    log = random_day(seed, orders=24, steps=600)
    changes: list[Committed] = []
    projector = projector_of(log, push=changes.extend)
    client, late = Client(view), list[str]()
    client.ask()
    at = 0
    while at < len(log.events):
        size = dice.randint(1, 4)
        projector.handle(log.events[at : at + size])
        at += size
        frames = push.message_of(changes, EVERY_VIEW)["frames"]
        changes.clear()
        if view in frames:
            for text in chaotic(dice, late, frames[view]):
                client.take(text)
    client.take(snapshots.heartbeats({view: ["en"]})[view, "en"])
    for text in late:
        client.take(text)
    truth = json.loads(snapshots.snapshot(view))
    assert (client.generation, client.seq) == (truth["generation"], truth["seq"])
    assert {key: fragment["html"] for key, fragment in client.shown.items()} == {
        fragment["id"]: fragment["html"] for fragment in truth["fragments"]
    }

"""What can be changed in a process of the shop, by name. See `sitecustomize.py`.

The first five are sabotages: mistakes that somebody could make in the product, each of which the
checks have to catch. The others are faults of the surroundings: a process that dies at a certain
step, a channel layer that loses messages, a clock that jumps.
"""

import os
import random
import signal
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

SLOW_SYNC_SECONDS = 0.02
"""What a sync takes on a plain disk; on this machine's it may be too short to be killed in."""


def acknowledge_before_sync(writer: Any) -> None:
    """The log says yes before the transaction is committed."""

    class Careless(writer.Writer):  # type: ignore[misc]
        def _write(self, group: list[Any]) -> None:
            results = self._execute(group)
            self._loop.call_soon_threadsafe(self._announce, [], results)
            time.sleep(SLOW_SYNC_SECONDS)
            records = self._log.commit()
            self._loop.call_soon_threadsafe(self._announce, records, [])

    writer.Writer = Careless


def skip_the_fingerprint(fingerprint: Any) -> None:
    """All commands look alike."""
    fingerprint.fingerprint_of = lambda _command: "the same"


def skip_the_checkpoint_comparison(checkpoints: Any) -> None:
    """The projector moves its checkpoint from wherever it is."""
    compared = 'AND "position" = %s AND "handled" = %s'
    assert compared in checkpoints.WHERE_IT_WAS_LEFT
    anything = "AND %s IS NOT NULL AND %s IS NOT NULL"
    checkpoints.WHERE_IT_WAS_LEFT = checkpoints.WHERE_IT_WAS_LEFT.replace(compared, anything)


def push_nothing_now_and_then(projection: Any) -> None:
    """Every third change is neither numbered nor pushed."""
    views_changed_by, calls = projection.Projection.views_changed_by, iter(range(10**9))

    def forgetful(self: Any, changes: Any) -> list[str]:
        return [] if next(calls) % 3 == 2 else list(views_changed_by(self, changes))

    projection.Projection.views_changed_by = forgetful


def charge_without_an_intention(reactions: Any) -> None:
    """The card is charged under a key that no fact in the log names."""
    outcome_of = reactions.Reactions._outcome_of

    def careless(self: Any, fact: Any, started: Any, attempt: int) -> Any:
        nobodys = uuid.uuid4().hex
        with suppress(Exception):
            self.gateway.charge(nobodys, started.amount, started.currency, started.card_token)
        return outcome_of(self, fact, started, attempt)

    reactions.Reactions._outcome_of = careless


def _dies(at: str) -> None:
    """Die (kill -9) if somebody has asked for it: once, at this step."""
    armed = Path(os.environ["BARSTUCKS_VAR"], f"dies-{at}")
    try:
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, method: str, before: str = "", after: str = "") -> None:
    original = getattr(owner, method)

    def dying(*words: Any, **named: Any) -> Any:
        if before:
            _dies(before)
        result = original(*words, **named)
        if after:
            _dies(after)
        return result

    setattr(owner, method, dying)


def dying_log(log: Any) -> None:
    """The log dies before a commit, or after it and before the answer."""
    _around(log.Log, "commit", before="log-before-commit", after="log-after-commit")


def dying_web(store_log: Any) -> None:
    """The web dies before an append, or after it and before the answer."""
    _around(store_log.EventStore, "append", before="web-before-append", after="web-after-append")


def dying_projector(projector: Any) -> None:
    """The projector dies inside a transaction, or after it and before the push."""
    _around(projector.Projector, "_apply", after="projector-before-commit")
    _around(projector.Projector, "_send", before="projector-before-push")


def dying_reactor(checkpoint: Any) -> None:
    """The reactor dies before it saves its checkpoint."""
    _around(checkpoint.StoredCheckpoint, "save", before="reactor-before-checkpoint")


def lossy_channel_layer(layer: Any) -> None:
    """Of the pushes between processes 30 % are lost, 10 % doubled and 10 % late."""
    group_send = layer.LocalChannelLayer.group_send
    chance, late = random.Random(7), []

    async def lossy(self: Any, group: str, message: dict[str, Any]) -> None:
        lot = chance.random()
        if lot < 0.3:
            return
        if lot < 0.4:
            late.append((group, message))
            return
        for _ in range(2 if lot < 0.5 else 1):
            await group_send(self, group, message)
        while late:
            await group_send(self, *late.pop())

    layer.LocalChannelLayer.group_send = lossy


def jumping_clock(timezone: Any) -> None:
    """The time of day is as many seconds off as a file says."""
    from datetime import timedelta

    now, file = timezone.now, Path(os.environ["BARSTUCKS_VAR"], "clock-offset")

    def jumped() -> Any:
        try:
            return now() + timedelta(seconds=float(file.read_text()))
        except (OSError, ValueError):
            return now()

    timezone.now = jumped


PATCHES: dict[str, tuple[tuple[str, Callable[[Any], None]], ...]] = {
    "acknowledge-before-sync": (("embedded_eventstore.storage.writer", acknowledge_before_sync),),
    "skip-the-fingerprint": (("orders.fingerprint", skip_the_fingerprint),),
    "skip-the-checkpoint-comparison": (
        ("projections.engine.checkpoints", skip_the_checkpoint_comparison),
    ),
    "push-nothing-now-and-then": (("projections.engine.projection", push_nothing_now_and_then),),
    "charge-without-an-intention": (("orders.reactions.reactions", charge_without_an_intention),),
    "dying": (
        ("embedded_eventstore.storage.log", dying_log),
        ("orders.event_store.log", dying_web),
        ("projections.engine.projector", dying_projector),
        ("orders.reactions.checkpoint", dying_reactor),
    ),
    "lossy-channel-layer": (("projections.live.local_channel_layer", lossy_channel_layer),),
    "jumping-clock": (("django.utils.timezone", jumping_clock),),
}

"""The five sabotages, and which checks have to catch each. How they are done: `sabotage/`."""

from dataclasses import dataclass

from tests.faults.all_checks import CHECKS
from tests.faults.check import Progress, no_progress
from tests.faults.run_check import Row, chosen, everything_started_with, run_alone
from tests.faults.sabotage import PATCHES_VARIABLE, patched


@dataclass(frozen=True)
class Sabotage:
    """A mistake in the product: what it is, and which checks look for it, with which counts."""

    what: str
    checks: dict[str, int]


SABOTAGES = {
    "acknowledge-before-sync": Sabotage(
        "the log says yes before its transaction is committed", {"sync-order": 20, "kills": 4}
    ),
    "skip-the-fingerprint": Sabotage(
        "two commands with one id count as the same, whatever they ask for",
        {"same-key-other-order": 5, "same-key-later": 2},
    ),
    "skip-the-checkpoint-comparison": Sabotage(
        "two projectors may apply the same events", {"two-projectors": 1}
    ),
    "push-nothing-now-and-then": Sabotage(
        "some changes of a screen get no number and no push", {"lossy-pushes": 5}
    ),
    "charge-without-an-intention": Sabotage(
        "the card is charged before a fact names the charge", {"card-payments": 3}
    ),
}


def caught_by(name: str, progress: Progress = no_progress) -> list[Row]:
    """Break the shop so, and run the checks that look for it: those that did not hold.

    A check counts only if it holds on the shop as it is shipped, which is tried first.
    """
    caught = []
    for done, check in enumerate(chosen(CHECKS, list(SABOTAGES[name].checks))):
        count = SABOTAGES[name].checks[check.name]
        is_sound = not run_alone(check, count).has_failed
        own = [p for p in check.environment.get(PATCHES_VARIABLE, "").split(",") if p]
        broken = patched([name, *own])
        with everything_started_with(broken):
            row = run_alone(check, count, environment=broken)
        if is_sound and row.has_failed:
            caught.append(row)
        progress(done + 1)
    return caught

"""The five sabotages, and which checks have to catch each. How they are done: `sabotage/`."""

from dataclasses import dataclass

from tests.faults.all_checks import CHECKS
from tests.faults.check import Progress, no_progress
from tests.faults.run_check import Row, chosen, everything_started_with, run_alone
from tests.faults.sabotage import patched


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
        {"same-key-other-order": 5},
    ),
    "skip-the-checkpoint-comparison": Sabotage(
        "two projectors may apply the same events", {"two-projectors": 2}
    ),
    "push-nothing-now-and-then": Sabotage(
        "some changes of a screen get no number and no push", {"lossy-pushes": 12}
    ),
    "charge-without-an-intention": Sabotage(
        "the card is charged before a fact names the charge", {"card-payments": 3}
    ),
}


def caught_by(name: str, progress: Progress = no_progress) -> list[Row]:
    """Break the shop so, and run the checks that look for it: those that did not hold.

    Ends at the first: one is enough.
    """
    sabotage = SABOTAGES[name]
    with everything_started_with(patched([name])):
        for done, check in enumerate(chosen(CHECKS, list(sabotage.checks))):
            environment = _with_patches_of(check.environment, name)
            row = run_alone(check, sabotage.checks[check.name], environment=environment)
            progress(done + 1)
            if row.has_failed:
                return [row]
    return []


def _with_patches_of(environment: object, name: str) -> dict[str, str]:
    """The sabotage on top of what the check itself changes."""
    from tests.faults.sabotage import PATCHES_VARIABLE

    assert isinstance(environment, dict)
    own = [patch for patch in environment.get(PATCHES_VARIABLE, "").split(",") if patch]
    return patched([name, *own])

"""Every check of the fault suite, in the order of the report."""

from tests.faults.check import Check
from tests.faults.checks.clock import CLOCK
from tests.faults.checks.disk_full import DISK_FULL
from tests.faults.checks.durability import DURABILITY
from tests.faults.checks.files import FILES
from tests.faults.checks.floods import FLOODS
from tests.faults.checks.freezes import FREEZES
from tests.faults.checks.fuzz import FUZZ
from tests.faults.checks.kills import KILLS
from tests.faults.checks.money import MONEY
from tests.faults.checks.nonsense import NONSENSE_CHECKS
from tests.faults.checks.poison import POISON
from tests.faults.checks.privacy import PRIVACY
from tests.faults.checks.pushes import PUSHES
from tests.faults.checks.races import RACES
from tests.faults.checks.repeats import REPEATS
from tests.faults.checks.rush import RUSH
from tests.faults.checks.soak import SOAK

CHECKS: list[Check] = [
    *DURABILITY,
    *KILLS,
    *RUSH,
    *MONEY,
    *REPEATS,
    *RACES,
    *FREEZES,
    *PUSHES,
    *FLOODS,
    *NONSENSE_CHECKS,
    *FUZZ,
    *POISON,
    *FILES,
    *DISK_FULL,
    *PRIVACY,
    *CLOCK,
    *SOAK,
]


def check_named(name: str) -> Check:
    """The check of that name."""
    return next(check for check in CHECKS if check.name == name)

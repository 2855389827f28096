"""Checks of the report in small numbers, those that time alone cannot spoil; and the report itself.

The others measure milliseconds: `python -m tests.faults.report` runs them, alone on a machine.
"""

from collections.abc import Iterator

import pytest

from tests.faults import sabotages
from tests.faults.all_checks import CHECKS, check_named
from tests.faults.check import Check, Figure
from tests.faults.report import main, markdown
from tests.faults.run_check import Row, chosen, run_alone, run_on
from tests.shop import Shop

pytestmark = pytest.mark.slow

IN_ONE_SHOP = {
    "duplicate-storm": 15,
    "offline": 4,
    "opposite-wishes": 2,
}
"""Checks that leave a shop as it was, with the number of times."""


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """One for the checks that share it."""
    with Shop() as running:
        yield running


@pytest.mark.parametrize("name", IN_ONE_SHOP)
def test_it_holds(shop: Shop, name: str) -> None:
    figure = run_on(shop, check_named(name), IN_ONE_SHOP[name])
    assert figure.held, figure.text


@pytest.mark.parametrize("name", sabotages.SABOTAGES)
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_sabotage_is_caught(name: str) -> None:
    assert sabotages.caught_by(name)


def test_every_check_has_a_name_of_its_own_and_a_count() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.full >= max(1, check.short) for check in CHECKS)


def test_every_fault_of_the_table_has_a_check() -> None:
    assert {f"T{n}" for n in range(1, 21)} <= {check.fault for check in CHECKS}


def test_an_unknown_name_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LookupError, match="No check is called dance"):
        chosen(CHECKS, ["dance"])
    assert main(["--list"]) == 0
    assert "kills" in capsys.readouterr().out


def _check(figure: Figure) -> Check:
    return Check(
        name="dance",
        goal="nobody falls",
        run=lambda _shop, _count, _progress: figure,
        full=3,
        starts_shop=False,
    )


@pytest.mark.parametrize(("held", "word"), [(True, "held"), (False, "NOT HELD"), (None, "not run")])
def test_the_table_says_what_came_of_each(held: bool | None, word: str) -> None:
    row = run_alone(_check(Figure("2 of 3 | fell", held)), 3)
    assert row.has_failed is (held is False)
    assert f"| `dance` | 3 | nobody falls | 2 of 3 ¦ fell | {word} |" in markdown([row])


def test_a_check_that_breaks_down_has_not_held() -> None:
    def breaks_down(_shop: Shop, _count: int, _progress: object) -> Figure:
        raise ValueError("no such step")

    check = Check(name="dance", goal="", run=breaks_down, full=1, starts_shop=False)
    row: Row = run_alone(check, 1)
    assert row.has_failed
    assert "no such step" in row.figure.text

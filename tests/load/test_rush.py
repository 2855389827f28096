"""A rush in which people do all they can: nothing is lost, and promises are counted."""

import json
from pathlib import Path

import pytest

from rush.habits import BARISTAS, CASHIERS, CUSTOMERS
from tests.shop import Shop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

ALL = [*CUSTOMERS, *BARISTAS, *CASHIERS]


@pytest.mark.parametrize("more", [(), ("--one-tap",)], ids=["as usual", "one tap"])
def test_whatever_people_do_every_screen_is_right(tmp_path: Path, more: tuple[str, ...]) -> None:
    with Shop() as shop:
        done = shop.command(
            *("rush", "--url", shop.url, "--customers", "80", "--minutes", "0.7", "--pace", "0.2"),
            *("--baristas", "3", "--report", str(tmp_path / "report"), *more),
            seconds=400,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report").read_text())
    assert report["promises"]["measured"] > 60
    assert report["promises"]["kept"] <= report["promises"]["measured"]
    assert len(set(report["played"]) & {habit.name for habit in ALL}) >= 5, report["played"]

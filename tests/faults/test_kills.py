"""kill -9 of the log, of the projector and of the web while a rush goes on; see `checks/rush.py`.

Afterwards: no acknowledged order lost or doubled, every screen right, the read models equal to the
fold of the log, all streams legal, all money accounted for.
"""

import pytest

from tests.faults.all_checks import check_named
from tests.faults.run_check import run_alone


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_kills_of_each_part_lose_nothing() -> None:
    row = run_alone(check_named("rush-under-kills"), 2)
    assert row.figure.held, row.figure.text


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_kills_of_each_part_lose_nothing() -> None:
    row = run_alone(check_named("rush-under-kills"), 10)
    assert row.figure.held, row.figure.text

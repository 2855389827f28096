"""Every part of the tutorial does what it says, on a shop that was opened for it a moment ago."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tutorial.following import PARTS, follow, shown
from tests.tutorial.learner import Learner
from tests.tutorial.part import Step, steps_in
from tests.tutorial.project_copy import copy_project, lend_tools

ON_THE_WAY = 1.0
"""Seconds after which a step is worth a line with its time (`pytest -s`)."""

TEN_MINUTES = 600.0


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    """Somebody with a copy of the project that was never opened, and its tools."""
    project = copy_project(tmp_path)
    lend_tools(project)
    with Learner(project) as somebody:
        yield somebody


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_every_command_of_the_part_prints_what_the_part_says(part: Path, learner: Learner) -> None:
    follow(part, steps_in(part), learner, took)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif("CI" not in os.environ, reason="installs all packages anew")
def test_a_newcomer_finishes_the_first_part_within_ten_minutes_from_nothing(tmp_path: Path) -> None:
    times: list[tuple[float, Step]] = []

    with Learner(copy_project(tmp_path)) as newcomer:
        follow(PARTS[0], steps_in(PARTS[0]), newcomer, lambda *step: times.append(step))

    for seconds, step in times:
        took(seconds, step)
    assert sum(seconds for seconds, _ in times) < TEN_MINUTES


def took(seconds: float, step: Step) -> None:
    if seconds >= ON_THE_WAY:
        print(f"{seconds:6.1f} s  {shown(step)}")

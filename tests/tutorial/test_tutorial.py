"""Every part of the tutorial does what it says, on a shop that was opened for it a moment ago."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.shop import ROOT
from tests.tutorial.comparing import difference
from tests.tutorial.learner import DidNotGoOn, Learner
from tests.tutorial.part import Command, Edit, Step, steps_in

PARTS = sorted((ROOT / "docs" / "tutorial").glob("[1-9]-*.md"))

ON_THE_WAY = 1.0
"""Seconds after which a step is worth a line with its time (`pytest -s`)."""


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    with Learner(tmp_path) as follows:
        yield follows


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_every_command_of_the_part_prints_what_the_part_says(part: Path, learner: Learner) -> None:
    follow(part, steps_in(part), learner)


def follow(document: Path, steps: Iterable[Step], learner: Learner) -> None:
    """Have the learner do these steps of a document; fails at the first that is not as written."""
    began = time.monotonic()
    for step in steps:
        before = time.monotonic()
        problem = _problem_of(step, learner)
        if problem:
            where = f"{document.relative_to(ROOT)}, line {step.line}"
            pytest.fail(f"{where}: {_shown(step)}\n{problem}")
        took = time.monotonic() - before
        if took >= ON_THE_WAY:
            print(f"{took:6.1f} s  {_shown(step)}")
    print(f"{time.monotonic() - began:6.1f} s  {document.name}")


def _problem_of(step: Step, learner: Learner) -> str:
    try:
        printed, code = learner.does(step)
    except DidNotGoOn as stop:
        return str(stop)
    if isinstance(step, Edit):
        return printed if code else ""
    if not isinstance(step, Command):
        return difference(step.expected, printed)
    if step.fails is (code == 0):
        return f"It ended with {code}, and printed:\n{printed}"
    return difference(step.expected, printed)


def _shown(step: Step) -> str:
    return step.patch.splitlines()[0] if isinstance(step, Edit) else step.text.splitlines()[0]

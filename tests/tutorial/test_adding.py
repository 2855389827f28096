"""What docs/adding.md adds as an example can be added: each change is made, each command run."""

from pathlib import Path

import pytest

from tests.shop import ROOT
from tests.tutorial.following import follow
from tests.tutorial.learner import Learner
from tests.tutorial.part import Edit, steps_of
from tests.tutorial.project_copy import copy_project, lend_tools
from tests.tutorial.test_tutorial import took

ADDING = ROOT / "docs" / "adding.md"
HEADING = "## Add a projection"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_projection_of_the_walk_can_be_added(tmp_path: Path) -> None:
    lines = ADDING.read_text(encoding="utf-8").splitlines()
    first = lines.index(HEADING)
    end = next(n for n in range(first + 1, len(lines)) if lines[n].startswith("## "))
    # As many lines before it as there are, so that a failure names the line of the file.
    steps = list(steps_of([""] * first + lines[first:end]))

    assert sum(isinstance(step, Edit) for step in steps) > 1
    project = copy_project(tmp_path)
    lend_tools(project)
    with Learner(project) as learner:
        follow(ADDING, steps, learner, took)

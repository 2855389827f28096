"""Follow a document step by step: the first step that is not as written, and the time of each.

$ python -m tests.tutorial 1                  a part, on a copy with the tools of this Python
$ python -m tests.tutorial 1 --from-nothing   … which are installed anew, as on a clean machine
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.shop import ROOT
from tests.tutorial.comparing import difference
from tests.tutorial.learner import DidNotGoOn, Learner
from tests.tutorial.part import Command, Edit, Step, steps_in
from tests.tutorial.project_copy import copy_project, lend_tools

PARTS = sorted((ROOT / "docs" / "tutorial").glob("[1-9]-*.md"))

Took = Callable[[float, Step], None]


class NotAsWritten(AssertionError):
    """A step did or printed something else; the message says where, and what."""


def follow(document: Path, steps: Iterable[Step], learner: Learner, took: Took) -> None:
    """Have the learner do these steps; `took` hears the seconds of each. Raises `NotAsWritten`."""
    for step in steps:
        began = time.monotonic()
        problem = problem_with(step, learner)
        if problem:
            where = f"{document.relative_to(ROOT)}, line {step.line}"
            raise NotAsWritten(f"{where}: {shown(step)}\n{problem}")
        took(time.monotonic() - began, step)


def problem_with(step: Step, learner: Learner) -> str:
    """What is not as written when the learner does this; "" if all is."""
    try:
        printed, code = learner.does(step)
    except DidNotGoOn as stop:
        return str(stop)
    if isinstance(step, Edit):
        return printed if code else ""
    if isinstance(step, Command) and step.fails is (code == 0):
        return f"It ended with {code}, and printed:\n{printed}"
    return difference(step.expected, printed)


def shown(step: Step) -> str:
    """A step in one line."""
    return step.patch.splitlines()[1] if isinstance(step, Edit) else step.text.splitlines()[0]


def main() -> None:
    """Follow one part and print what each of its steps took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", type=int, choices=range(1, len(PARTS) + 1))
    parser.add_argument("--from-nothing", action="store_true")
    arguments = parser.parse_args()
    path = PARTS[arguments.part - 1]
    with tempfile.TemporaryDirectory(prefix="barstucks-tutorial-") as directory:
        project = copy_project(Path(directory))
        if not arguments.from_nothing:
            lend_tools(project)
        began = time.monotonic()
        with Learner(project) as learner:
            try:
                follow(path, steps_in(path), learner, _print)
            except NotAsWritten as difference_found:
                raise SystemExit(str(difference_found)) from None
        _write(time.monotonic() - began, "all of it")


def _print(seconds: float, step: Step) -> None:
    _write(seconds, shown(step))


def _write(seconds: float, what: str) -> None:
    sys.stdout.write(f"{seconds:7.1f} s  {what}\n")
    sys.stdout.flush()

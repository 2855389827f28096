"""What somebody types is done, and what is not as written is found; without a shop."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shop import ROOT
from tests.tutorial.following import NotAsWritten, follow, problem_with
from tests.tutorial.learner import Learner
from tests.tutorial.part import Command, Edit, Statement, Step, steps_of

HELLO = """\
--- a/hello
+++ b/hello
@@ -1 +1 @@
-Helen
+Omar
"""


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    project = tmp_path / "project"
    project.mkdir()
    (project / "hello").write_text("Helen\n")
    with Learner(project) as somebody:
        yield somebody


def problems(learner: Learner, *steps: Step) -> list[str]:
    return [problem_with(step, learner) for step in steps]


def test_a_shell_keeps_what_was_set_before(learner: Learner) -> None:
    assert problems(
        learner,
        Command(1, "name=$(cat hello)", ()),
        Command(2, 'echo "$name \\\n  and Omar"', ("Helen   and Omar",)),
    ) == ["", ""]


def test_another_output_is_a_problem(learner: Learner) -> None:
    assert problems(learner, Command(1, "cat hello", ("Omar",))) == ["- Omar\n+ Helen"]


def test_a_failure_is_a_problem_unless_it_is_written(learner: Learner) -> None:
    [failed, expected, succeeded] = problems(
        learner,
        Command(1, "cat nothing", ("…",)),
        Command(2, "cat nothing", ("…",), fails=True),
        Command(3, "true", (), fails=True),
    )

    assert failed.startswith("It ended with 1")
    assert expected == ""
    assert succeeded.startswith("It ended with 0")


def test_a_change_of_files_is_made_or_is_a_problem(learner: Learner) -> None:
    [first, read, again] = problems(
        learner, Edit(1, HELLO), Command(2, "cat hello", ("Omar",)), Edit(3, HELLO)
    )

    assert (first, read) == ("", "")
    assert "does not apply" in again


def test_a_prompt_keeps_names_and_shows_values_and_errors(learner: Learner) -> None:
    assert problems(
        learner,
        Command(1, f"PATH={Path(sys.executable).parent}:$PATH", ()),
        Command(1, "python", ()),
        Statement(2, "for n in range(2):\n    print(n)\n\n", ("0", "1")),
        Statement(3, "n + 1\n", ("2",)),
        Statement(
            4, "n / 0\n", ("Traceback (most recent call last):", "…", "ZeroDivisionError: …")
        ),
    ) == ["", "", "", "", ""]
    assert problems(learner, Statement(5, "n\n", ("2",))) == ["- 2\n+ 1"]


def test_nothing_is_said_at_a_prompt_that_nobody_opened(learner: Learner) -> None:
    assert problems(learner, Statement(1, "1\n", ("1",))) == [
        "Nobody has opened the Python prompt."
    ]


def test_the_first_difference_is_told_with_its_place(learner: Learner) -> None:
    steps = steps_of(["```console", "$ echo a", "a", "$ echo b", "c", "$ echo never", "```"])
    heard: list[Step] = []

    with pytest.raises(NotAsWritten, match=r"adding\.md, line 4: echo b"):
        follow(ROOT / "docs" / "adding.md", steps, learner, lambda _, step: heard.append(step))

    assert [step.line for step in heard] == [2]

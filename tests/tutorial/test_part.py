"""A part of the tutorial is read as what somebody types, and what they see then."""

from pathlib import Path

import pytest

from tests.tutorial.following import PARTS
from tests.tutorial.part import Command, Edit, Statement, Unreadable, steps_of

PART = """\
# A part

Type this, and `$ nothing` of that:

```console
$ echo a
a
$ echo b \\
      c
b c
```

```console fails
$ false
```

```python
>>> for n in (1, 2):
...     print(n)
...
1
2
>>> n
2
```

```python
def only_to_look_at(): ...
```

```diff
--- a/x
+++ b/x
@@ -1 +1 @@
-a
+b
```
"""


def test_console_blocks_are_commands_with_what_they_print() -> None:
    commands = [step for step in steps_of(PART.splitlines()) if isinstance(step, Command)]

    assert commands == [
        Command(6, "echo a", ("a",)),
        Command(8, "echo b \\\n      c", ("b c",)),
        Command(14, "false", (), fails=True),
    ]


def test_python_blocks_with_a_prompt_are_statements() -> None:
    statements = [step for step in steps_of(PART.splitlines()) if isinstance(step, Statement)]

    assert statements == [
        Statement(18, "for n in (1, 2):\n    print(n)\n\n", ("1", "2")),
        Statement(23, "n\n", ("2",)),
    ]


def test_a_diff_block_is_a_change_of_files() -> None:
    edits = [step for step in steps_of(PART.splitlines()) if isinstance(step, Edit)]

    assert edits == [Edit(32, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")]


@pytest.mark.parametrize(
    "broken",
    ["```console\n$ ls", "```console\nls\n```", "```console loudly\n$ ls\n```"],
    ids=["not closed", "no prompt", "unknown remark"],
)
def test_a_block_that_cannot_be_executed_is_named(broken: str) -> None:
    with pytest.raises(Unreadable):
        list(steps_of(broken.splitlines()))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_every_part_can_be_read_and_has_something_to_type(part: Path) -> None:
    assert any(isinstance(step, Command) for step in steps_of(part.read_text().splitlines()))

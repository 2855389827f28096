"""A part of the tutorial as a list of steps: what to type, and what that prints.

Reads Markdown only. Three kinds of fenced blocks are steps; all other text is for people:

* `console`: a line `$ command`, and below it what it prints. A line that ends with a backslash goes
  on in the next. `console fails`: its commands end with an error.
* `python`: a line `>>> statement`, goes on with `... `, and below it what it prints.
* `diff`: a change of files, to be made before what follows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\S*)[ ]*(.*)$")
PROMPT, STATEMENT, CONTINUED = "$ ", ">>> ", "... "


class Unreadable(Exception):
    """A block of a part that cannot be executed as it is written; the message says where."""


@dataclass(frozen=True)
class Typed:
    """Something to type. `expected` are the lines that it prints; `line` is where it stands."""

    line: int
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Command(Typed):
    """A command for the shell."""

    fails: bool = False


@dataclass(frozen=True)
class Statement(Typed):
    """A statement for the Python prompt."""


@dataclass(frozen=True)
class Edit:
    """A change of files, as a patch."""

    line: int
    patch: str


Step = Command | Statement | Edit


@dataclass(frozen=True)
class _Block:
    language: str
    remark: str
    first_line: int  # of its text, counted from 1
    lines: tuple[str, ...]


def steps_in(path: Path) -> list[Step]:
    """All steps of one part. Raises `Unreadable`."""
    return list(steps_of(path.read_text(encoding="utf-8").splitlines()))


def steps_of(lines: Sequence[str]) -> Iterator[Step]:
    """The steps in these lines of Markdown, in their order. Raises `Unreadable`."""
    for block in _blocks(lines):
        match block.language:
            case "console":
                yield from _commands(block)
            case "python" if any(line.startswith(STATEMENT) for line in block.lines):
                yield from _statements(block)
            case "diff":
                yield Edit(block.first_line, "\n".join(block.lines) + "\n")


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    opened: tuple[str, str, int] | None = None
    for number, line in enumerate(lines, start=1):
        fence = FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = (fence[1], fence[2].strip(), number + 1)
        else:
            language, remark, first = opened
            yield _Block(language, remark, first, tuple(lines[first - 1 : number - 1]))
            opened = None
    if opened is not None:
        raise Unreadable(f"The block before line {opened[2]} is not closed.")


def _commands(block: _Block) -> Iterator[Command]:
    fails = block.remark == "fails"
    if block.remark and not fails:
        raise Unreadable(f"Line {block.first_line - 1}: nobody knows `console {block.remark}`.")
    for line, typed, printed in _entries(block, PROMPT):
        end = 0
        while typed.endswith("\\") and end < len(printed):
            typed = f"{typed}\n{printed[end]}"
            end += 1
        yield Command(line, typed, tuple(printed[end:]), fails)


def _statements(block: _Block) -> Iterator[Statement]:
    for line, first, printed in _entries(block, STATEMENT):
        end = 0
        while end < len(printed) and f"{printed[end]} ".startswith(CONTINUED):
            end += 1
        more = [text.removeprefix(CONTINUED.strip()).removeprefix(" ") for text in printed[:end]]
        yield Statement(line, "\n".join([first, *more]) + "\n", tuple(printed[end:]))


def _entries(block: _Block, prompt: str) -> Iterator[tuple[int, str, list[str]]]:
    """Of each prompt of a block: its line number, what follows it, and the lines below it."""
    entry: tuple[int, str, list[str]] | None = None
    for number, line in enumerate(block.lines, start=block.first_line):
        if line.startswith(prompt):
            if entry is not None:
                yield entry
            entry = (number, line.removeprefix(prompt), [])
        elif entry is not None:
            entry[2].append(line)
        elif line.strip():
            raise Unreadable(f"Line {number}: this block has to begin with `{prompt}`.")
    if entry is not None:
        yield entry

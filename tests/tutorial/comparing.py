"""What a command printed beside what the tutorial says it prints.

`…` within a line stands for any text, also for none; a line that is only `…` for any lines, also
for none. Everything else has to be there to the letter, but for spaces at the end of a line and
empty lines at the end.
"""

import re
from collections.abc import Sequence
from difflib import ndiff

ANYTHING = "…"


def difference(expected: Sequence[str], printed: str) -> str:
    """How the two differ, line by line; "" where they do not.

    Lines with `-` are missing, those with `+` were printed instead.
    """
    wanted, found = _without_the_end(expected), _without_the_end(printed.splitlines())
    if _are_same(wanted, found):
        return ""
    told = _as_far_as_it_fits(wanted, found)
    return "\n".join(
        line.rstrip() for line in ndiff([*told, *wanted[len(told) :]], found) if line[0] != "?"
    )


def _as_far_as_it_fits(wanted: list[str], found: list[str]) -> list[str]:
    """What was printed for the lines before the first that differs; only where that is plain."""
    fitting: list[str] = []
    for line, other in zip(wanted, found, strict=False):
        if line == ANYTHING or not _are_same([line], [other]):
            break
        fitting.append(other)
    return fitting


def _are_same(wanted: Sequence[str], found: Sequence[str]) -> bool:
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == ANYTHING else f"{_pattern_of(line)}\\n" for line in wanted
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in found)) is not None


def _pattern_of(line: str) -> str:
    return r"[^\n]*?".join(re.escape(text) for text in line.split(ANYTHING))


def _without_the_end(lines: Sequence[str]) -> list[str]:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    return kept

"""What a part says and what was printed: when they agree, and how a difference is told."""

import pytest

from tests.tutorial.comparing import difference


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ([], ""),
        ([], "\n\n"),
        (["3 events"], "3 events\n"),
        (["3 events", ""], "3 events"),
        (["… events in … ms"], "3 events in 0.4 ms\n"),
        (["order-…"], "order-\n"),
        (["a", "…", "z"], "a\nz\n"),
        (["a", "…", "z"], "a\nb\nc\nz\n"),
        (["…"], ""),
        (["…", "2 passed in …s"], "..\n2 passed in 0.10s\n"),
        (["{", "…", '    "number": 323,', "…", "}"], '{\n    "a": 1,\n    "number": 323,\n}\n'),
        (["a (b) [c] * . $"], "a (b) [c] * . $"),
    ],
)
def test_these_agree(expected: list[str], printed: str) -> None:
    assert difference(expected, printed) == ""


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        (["3 events"], "2 events\n"),
        (["3 events"], ""),
        ([], "3 events\n"),
        (["3 events"], "3 events\nand a warning\n"),
        (["3 events", "and a warning"], "3 events\n"),
        (["… events"], "3 events appended\n"),
        (["… events"], "3\nevents\n"),
        (["a", "…", "z"], "a\nz\nb\n"),
        (["a", "…", "z"], "z\na\n"),
        (["a.c"], "abc"),
    ],
)
def test_these_do_not(expected: list[str], printed: str) -> None:
    assert difference(expected, printed)


def test_a_difference_names_what_is_missing_and_what_stood_there_instead() -> None:
    told = difference(["first in … ms", "paid", "last"], "first in 3 ms\ndue\nlast\n")

    assert told.splitlines() == ["  first in 3 ms", "- paid", "+ due", "  last"]

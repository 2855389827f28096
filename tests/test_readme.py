"""What the README shows is in the code, and what it links is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"<!-- from (\S+) -->\n```python\n(.*?)```", README, re.DOTALL)
LINKED = re.findall(r"\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)", README)
PICTURES = re.findall(r'<img src="([^"]+)"', README)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "code"), SHOWN, ids=[path for path, _ in SHOWN])
def test_code_that_is_shown_is_in_the_file(path: str, code: str) -> None:
    assert code in (ROOT / path).read_text(encoding="utf-8")


def test_code_is_shown() -> None:
    assert len(SHOWN) == 2


def test_whatever_is_linked_is_there() -> None:
    missing = [path for path in [*PICTURES, *(path for path, _ in LINKED)] if not _is(path)]
    assert missing == []


def test_every_heading_that_is_linked_is_there() -> None:
    for path, heading in LINKED:
        if heading:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert heading in [_anchor(line) for line in re.findall(r"^#+ (.*)$", text, re.M)]


def test_the_first_settings_are_among_all_of_them() -> None:
    section = README.partition("## Settings")[2].partition("\n## ")[0]
    first = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)

    assert len(first) == 5
    assert [name for name in first if f"| `{name}` |" not in OPERATIONS] == []


def test_the_tutorial_has_as_many_parts_as_is_said() -> None:
    parts = sorted((ROOT / "docs" / "tutorial").glob("[1-9]-*.md"))
    assert len(parts) == 8


def _is(path: str) -> bool:
    return (ROOT / path).exists()


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

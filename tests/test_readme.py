"""What the README shows is in the code. Its links are tested with those of all documents."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"<!-- from (\S+) -->\n```python\n(.*?)```", README, re.DOTALL)
PICTURES = re.findall(r'<img src="([^"]+)"', README)
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "code"), SHOWN, ids=[path for path, _ in SHOWN])
def test_code_that_is_shown_is_in_the_file(path: str, code: str) -> None:
    assert code in (ROOT / path).read_text(encoding="utf-8")


def test_code_is_shown() -> None:
    assert len(SHOWN) == 2


def test_every_picture_is_there() -> None:
    assert [path for path in PICTURES if not (ROOT / path).exists()] == []


def test_the_first_settings_are_among_all_of_them() -> None:
    section = README.partition("## Settings")[2].partition("\n## ")[0]
    first = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)

    assert len(first) == 5
    assert [name for name in first if f"| `{name}` |" not in OPERATIONS] == []


def test_the_tutorial_has_as_many_parts_as_is_said() -> None:
    parts = sorted((ROOT / "docs" / "tutorial").glob("[1-9]-*.md"))
    assert len(parts) == 8

"""The table of features names a test for each, and each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([BCD])(\d+) \|.*\| (.*) \|$", re.MULTILINE)
LEFT_OUT = {"B30", "C14"}
ALL = {
    f"{group}{number}"
    for group, count in (("B", 34), ("C", 24), ("D", 8))
    for number in range(1, count + 1)
}


def test_every_feature_has_its_row() -> None:
    rows = [f"{group}{number}" for group, number, _ in ROW.findall(TABLE)]

    assert len(rows) == len(set(rows))
    assert set(rows) == ALL - LEFT_OUT


def test_every_row_names_tests_that_are_there() -> None:
    missing = []
    for group, number, proved in ROW.findall(TABLE):
        tests = re.findall(r"`([^`]+)`", proved)
        if not tests:
            missing.append(f"{group}{number}")
        for test in tests:
            path, _, name = test.partition("::")
            source = ROOT / path
            text = source.read_text(encoding="utf-8") if source.is_file() else ""
            if not text or (name and not re.search(rf"^def {name}\(", text, re.MULTILINE)):
                missing.append(test)

    assert missing == []

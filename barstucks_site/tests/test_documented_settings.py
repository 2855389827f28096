"""Every setting is documented once: its meaning in docs/operations.md, a line in .env.example."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_COMPOSE = {"SHOP_HOST"}
RECORDING = """
from barstucks_site.environment import Environment

read, text = set(), Environment.text

def recorded(self, name, default=""):
    read.add(name)
    return text(self, name, default)

Environment.text = recorded
import barstucks_site.settings
print(*read)
"""


def started(var: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python with these variables only, which asks for settings."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BARSTUCKS_VAR": str(var), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def read(tmp_path: Path) -> set[str]:
    """The names of all variables that the settings ask for."""
    done = started(tmp_path / "var", RECORDING)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def documented() -> Iterator[str]:
    """The names in the first column of those tables of docs/operations.md that have a default."""
    text = (ROOT / "docs" / "operations.md").read_text()
    for table in re.findall(r"^\|[^|]+\| default \|.*\n((?:\|.*\n)+)", text, re.MULTILINE):
        for row in table.splitlines():
            yield from re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1])


def examples() -> dict[str, str]:
    """The variables of .env.example, without the `#` in front of each."""
    text = (ROOT / ".env.example").read_text()
    pairs = re.findall(r"^#([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE)
    return {name: "".join(shlex.split(value)) for name, value in pairs}


def test_every_setting_that_is_read_is_documented_once(read: set[str]) -> None:
    names = [name for name in documented() if name in read]

    assert sorted(names) == sorted(read)


def test_every_setting_has_a_line_in_the_example(read: set[str]) -> None:
    assert set(examples()) - OF_COMPOSE == read


def test_the_examples_are_values_that_the_settings_take(tmp_path: Path) -> None:
    done = started(tmp_path / "var", "import barstucks_site.settings", **examples_in(tmp_path))

    assert done.returncode == 0, done.stderr


def examples_in(directory: Path) -> dict[str, str]:
    """The same, with files where a test may write."""
    return examples() | {
        "BARSTUCKS_VAR": str(directory / "var"),
        "STATIC_ROOT": str(directory / "static"),
    }

"""What the documents name is there: files, links, tests, and the code that stands behind a path."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

FOLDERS = sorted(
    folder.name for folder in ROOT.iterdir() if folder.is_dir() and folder.name != "var"
)
PATH = re.compile(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*)(?:::\w+)?`")
IN_FILE = re.compile(r"`(\w+)` in `([\w./]+\.py)`|`([\w./]+\.py)`: `(\w+)`")
TEST = re.compile(r"`(test_\w+)(\.py)?`")
LINK = re.compile(r"\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

IN_DOCUMENTS = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT))
)


@IN_DOCUMENTS
def test_every_path_is_there(document: Path) -> None:
    assert [path for path in PATH.findall(_prose(document)) if not (ROOT / path).exists()] == []


@IN_DOCUMENTS
def test_every_name_is_in_the_file_that_is_said(document: Path) -> None:
    named = [
        (before or after, first or second)
        for before, first, second, after in IN_FILE.findall(_prose(document))
    ]
    assert [pair for pair in named if not _is_in(*pair)] == []


@IN_DOCUMENTS
def test_every_test_is_there(document: Path) -> None:
    unknown = [name for name, _ in TEST.findall(_prose(document)) if name not in _tests()]
    assert unknown == []


@IN_DOCUMENTS
def test_every_link_leads_somewhere(document: Path) -> None:
    assert list(_dead_links(document)) == []


def _prose(document: Path) -> str:
    return BLOCK.sub("", document.read_text(encoding="utf-8"))


def _is_in(name: str, path: str) -> bool:
    """Whether a file that ends so holds the name; a document may shorten the path."""
    return any(
        re.search(rf"\b{name}\b", source)
        for known, source in _sources().items()
        if f"/{known}".endswith(f"/{path}")
    )


def _dead_links(document: Path) -> Iterator[str]:
    for path, heading in LINK.findall(_prose(document)):
        target = document.parent / path if path else document
        if not target.exists():
            yield path
        elif heading and heading not in _anchors(target):
            yield f"{path}#{heading}"


def _anchors(document: Path) -> list[str]:
    headings = re.findall(r"^#+ (.*)$", _prose(document), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in headings]


@cache
def _sources() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        if not folder.startswith(".")
        for path in (ROOT / folder).rglob("*.py")
    }


@cache
def _tests() -> set[str]:
    """The names of all modules with tests, and of all tests."""
    modules = {Path(path).stem for path in _sources()}
    return modules.union(*(re.findall(r"def (test_\w+)", text) for text in _sources().values()))

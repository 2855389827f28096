"""A shop that was opened with an earlier version opens with this one, and shows the same.

`opened_before/shop.tar.gz` is the data directory of a demo shop, closed in an orderly way on 27
November 2026, and `opened_before/shown.json` is what its pages said. It has orders of every ending
and open ones, every way to pay, a sold-out item, a registered and a forgotten customer, and the
article's events. Compared is what a person reads, not how a page is built.

A screen that says something else on purpose is recorded anew by
`python -m tests.acceptance.test_opened_before`: read the difference before you commit it, a fact
that is gone from a page is what this test is there for.
"""

import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from orders.domain.event import type_named
from rush.page import Element
from tests.shop import Shop
from tests.visitor import Visitor

RECORDED = Path(__file__).parent / "opened_before"
SHOWN: list[dict[str, Any]] = json.loads((RECORDED / "shown.json").read_text(encoding="utf-8"))
"""Which pages were opened by whom, and what each of their parts said."""

ELSEWHERE = ("DATABASE_URL", "READ_MODELS_URL", "CHANNELS_URL", "EVENTSTORE_URI", "SECRET_KEY")
CAUGHT_UP_SECONDS = 60

PARTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("ol", {}),
    ("ul", {}),
    ("tbody", {}),
    ("details", {}),
    ("h1", {}),
    ("section", {"id": "tracking"}),
    ("div", {"id": "sales"}),
    ("aside", {"aria-label": "State"}),
    ("div", {"class": "page-head"}),
)

FACT = re.compile(r"(\d+ (\w+) .*?) \{.*\} (by .* schema (\d+) .*)")
"""One fact of a stream: its number, its type, its payload, and the version it was written in."""


NEXT_DAY = " ›"
"""The way from a day's page to the next one: it is there once the day is over."""


def without_new_shape(text: str) -> str:
    """The text without the payload of a fact whose type has a new version since: it is shown so."""
    text = text.removesuffix(NEXT_DAY)
    fact = FACT.fullmatch(text)
    known = type_named(fact[2]) if fact else None
    if fact is None or known is None or known.version == int(fact[4]):
        return text
    return f"{fact[1]} {fact[3]}"


def parts_of(element: Element) -> Iterator[list[str]]:
    """What the lists, tables and sheets of a page say, one text for each entry.

    The heads and feet of the screens are left out: they say when somebody looked.
    """
    for child in element.children:
        if not isinstance(child, str):
            if any(
                child.tag == tag and attributes.items() <= child.attributes.items()
                for tag, attributes in PARTS
            ):
                inside = [] if child.tag == "h1" else child.children
                entries = [entry.text for entry in inside if not isinstance(entry, str)]
                yield [without_new_shape(text) for text in entries if text] or [child.text]
            else:
                yield from parts_of(child)


class People:
    """Visitors, logged in or known where a page needs it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: dict[str, Visitor] = {}

    def visitor(self, reader: str) -> Visitor:
        """Somebody of the staff by name, the owner of a link `/me/…/`, or a stranger."""
        if reader not in self._known:
            visitor = self._known[reader] = Visitor(self._shop)
            if reader.startswith("/me/"):
                form, _language = visitor.open(reader).forms()
                assert visitor.post(reader, form.filled({})).status_code == 303
            elif reader:
                visitor.log_in(reader, self._shop.logins[reader], "/staff/")
        return self._known[reader]

    def parts(self, reader: str, path: str) -> list[list[str]]:
        """What the parts of a page say to somebody."""
        (main,) = self.visitor(reader).open(path).find_all("main")
        return list(parts_of(main))

    def close(self) -> None:
        """Close all connections."""
        for visitor in self._known.values():
            visitor.client.close()


@contextmanager
def reopened_in(var: Path) -> Iterator[Shop]:
    """The recorded shop, opened by the code of this checkout, with read models that agree."""
    with tarfile.open(RECORDED / "shop.tar.gz") as archive:
        archive.extractall(var, filter="data")
    with pytest.MonkeyPatch.context() as environment:
        for name in ELSEWHERE:
            environment.delenv(name, raising=False)
        with Shop(var) as shop:
            shop.wait_until(
                lambda: shop.command("verify_read_models").returncode == 0, CAUGHT_UP_SECONDS
            )
            yield shop


@pytest.fixture(scope="module")
def reopened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with reopened_in(tmp_path_factory.mktemp("opened-before")) as shop:
        yield shop


@pytest.fixture(scope="module")
def people(reopened: Shop) -> Iterator[People]:
    everybody = People(reopened)
    yield everybody
    everybody.close()


def screen_of(path: str) -> str:
    """`bar` for `/bar/?done=Ann`, `manage/streams` for a stream: what one test is about."""
    folders = path.partition("?")[0].strip("/").split("/")
    return "/".join(folders[:2] if folders[0] == "manage" else folders[:1]) or "menu"


@pytest.mark.parametrize("screen", sorted({screen_of(page["path"]) for page in SHOWN}))
def test_every_page_says_what_it_said(people: People, screen: str) -> None:
    recorded = [page for page in SHOWN if screen_of(page["path"]) == screen]
    said = {page["path"]: people.parts(page["who"], page["path"]) for page in recorded}
    assert said == {
        page["path"]: [[without_new_shape(text) for text in part] for part in page["parts"]]
        for page in recorded
    }


def record() -> None:
    """Write what every page says now over what it said before."""
    with TemporaryDirectory() as var, reopened_in(Path(var)) as shop:
        everybody = People(shop)
        pages = [{**page, "parts": everybody.parts(page["who"], page["path"])} for page in SHOWN]
        everybody.close()
    text = json.dumps(pages, ensure_ascii=False, indent=1)
    (RECORDED / "shown.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()

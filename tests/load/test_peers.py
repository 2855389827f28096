"""What is measured is what it says: the peer validates and keeps, and a lost order is noticed."""

import asyncio
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from tests.load.browsers import BrowserSession, NotPlaced, at_full_load
from tests.load.crud_shop.serve import KINDS
from tests.load.open_shops import CrudShop, audit, crud_shop, shop_forms
from tests.load.side_by_side import Wrong
from tests.shop import ROOT, Shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crud")


@pytest.fixture(scope="module")
def peer(directory: Path) -> Iterator[CrudShop]:
    with crud_shop("plain", directory) as peer:
        yield peer


def sent(form: BrowserSession, **changed: str) -> httpx.Response:
    """The form's own request, with some fields changed."""
    head, body = form.request().split(b"\r\n\r\n")
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True)) | changed
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    del headers["Content-Length"]
    return httpx.post(
        f"http://127.0.0.1:{form.port}/orders/",
        content=urlencode(fields),
        headers=headers,
        trust_env=False,
    )


def orders_in(directory: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(directory / "crud.sqlite3")) as rows:
        return rows.execute(
            "SELECT o.name, count(*) FROM crud_shop_order o "
            "JOIN crud_shop_line l ON l.order_id = o.id GROUP BY o.id"
        ).fetchall()


def test_the_peer_keeps_an_order_with_its_lines_once(peer: CrudShop, directory: Path) -> None:
    (form,) = peer.forms(1)
    before, command_id = orders_in(directory), str(uuid.uuid4())

    statuses = [sent(form, command_id=command_id).status_code for _ in range(2)]

    assert statuses == [303, 303]
    assert orders_in(directory) == [*before, ("Load", 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_commit_of_the_peer_is_on_the_disk_when_it_returns(kind: str, tmp_path: Path) -> None:
    """Synchronous=FULL (2) syncs the write-ahead log at each commit; NORMAL would not."""
    asked = (
        "import sys; from pathlib import Path; from tests.load.crud_shop.serve import configure;"
        "configure(Path(sys.argv[1]), sys.argv[2]); from django.db import connection as c;"
        "print(*(c.cursor().execute(f'PRAGMA {p}').fetchone()[0] for p in sys.argv[3:]))"
    )
    words = [str(tmp_path), kind, "journal_mode", "synchronous"]
    command = [sys.executable, "-c", asked, *words]
    assert subprocess.check_output(command, cwd=ROOT, text=True, timeout=30).split() == ["wal", "2"]


@pytest.mark.parametrize("wrong", [{"name": "x" * 41}, {"pay": "never"}, {"command_id": "1"}])
def test_the_peer_refuses_what_the_shop_refuses(peer: CrudShop, wrong: dict[str, str]) -> None:
    (form,) = peer.forms(1)

    assert sent(form, **wrong).status_code == 422
    assert sent(replace(form, token="x" * 32)).status_code == 403


def test_a_refused_order_ends_the_measurement(peer: CrudShop) -> None:
    (form,) = peer.forms(1)

    with pytest.raises(NotPlaced, match="403"):
        asyncio.run(at_full_load([replace(form, token="x" * 32)], 0.2))


def test_an_order_that_the_log_lacks_and_one_too_many_are_noticed() -> None:
    with Shop() as shop:
        placed = asyncio.run(at_full_load(shop_forms(shop, 2), 0.5))
        audit(shop, placed.sent)

        with pytest.raises(Wrong, match="1 acknowledged orders are not in the log"):
            audit(shop, [*placed.sent, uuid.uuid4().hex])
        with pytest.raises(Wrong, match="1 are there that nobody was told of"):
            audit(shop, list(placed.sent)[1:])

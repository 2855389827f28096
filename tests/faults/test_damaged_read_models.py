"""Read models that are damaged or foreign: the shop opens, and shows what the log says."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.shop import Shop
from tests.visitor import Visitor

CAUGHT_UP_SECONDS = 60


def truncate(file: Path) -> None:
    """Cut in the middle, with its journal gone."""
    os.truncate(file, file.stat().st_size // 2 + 100)
    _without_journal(file)


def overwrite(file: Path) -> None:
    """Nothing but noise, as long as before."""
    file.write_bytes(os.urandom(file.stat().st_size))
    _without_journal(file)


def overwrite_the_middle(file: Path) -> None:
    """The head is right; some pages behind it are not."""
    with file.open("r+b") as opened:
        opened.seek(8 * 4096)
        opened.write(os.urandom(20 * 4096))
    _without_journal(file)


def put_somebody_elses(file: Path) -> None:
    """A sound database of another program."""
    _without_journal(file)
    file.unlink()
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE projections_checkpoint (recipe TEXT)")


def put_the_accounts(file: Path) -> None:
    """The shop's other file, copied to the wrong name."""
    _without_journal(file)
    shutil.copy(file.with_name("default.sqlite3"), file)


def _without_journal(file: Path) -> None:
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)


def set_aside(shop: Shop) -> list[Path]:
    """The files that were set aside, the oldest first."""
    found = shop.var.glob("read_models.sqlite3.damaged-*")
    return sorted(path for path in found if not path.name.endswith(("-wal", "-shm")))


def is_set_aside(shop: Shop, files: int) -> bool:
    """Whether so many were, and the shop has said so of the last one."""
    aside = set_aside(shop)
    assert len(aside) <= files
    return len(aside) == files and f"set aside as {aside[-1].name}" in shop.log.read_text()


def wait_until_verified(shop: Shop) -> None:
    """Every row is what the log says, within a while."""
    deadline = time.monotonic() + CAUGHT_UP_SECONDS
    while (verified := shop.command("verify_read_models")).returncode != 0:
        assert time.monotonic() < deadline, verified.stdout + verified.stderr


def shows_what_the_log_says(shop: Shop, number: str, ada: Visitor) -> None:
    wait_until_verified(shop)
    assert number in ada.open("/bar/").text


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_damaged_and_foreign_files_are_set_aside_and_built_anew(shop: Shop) -> None:
    with Visitor(shop) as helen:
        placed = helen.order(name="Zebedee")
    file = shop.var / "read_models.sqlite3"
    damages: tuple[Callable[[Path], None], ...] = (
        truncate,
        overwrite,
        overwrite_the_middle,
        put_somebody_elses,
        put_the_accounts,
    )
    before = len(set_aside(shop))
    for number, damage in enumerate(damages, start=1):
        shop.stop()
        damage(file)
        damaged = file.read_bytes()
        shop.start()
        shop.wait_until(partial(is_set_aside, shop, before + number), CAUGHT_UP_SECONDS)
        aside = set_aside(shop)
        assert aside[-1].read_bytes() == damaged, "It is kept as it was."
        with Visitor(shop) as ada:
            ada.log_in("ada", shop.logins["ada"], "/bar/")
            shows_what_the_log_says(shop, "Zebedee", ada)
            assert aside[-1].name in ada.open("/manage/projections/").text
            ada.open(placed.tracking)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_file_that_is_damaged_under_a_running_shop_is_built_anew(shop: Shop) -> None:
    file = shop.var / "read_models.sqlite3"
    with Visitor(shop) as helen, Visitor(shop) as ada:
        ada.log_in("ada", shop.logins["ada"], "/bar/")
        helen.order(name="Ermintrude")
        projector = shop.pid("projector")
        with file.open("r+b") as opened:
            opened.write(os.urandom(file.stat().st_size))
            opened.truncate(4096 * 3)
        helen.order(name="Florence")
        shop.wait_until(lambda: shop.run["pids"].get("projector") not in {None, projector}, 60)
        wait_until_verified(shop)
        page = ada.open("/bar/").text
        assert "Ermintrude" in page
        assert "Florence" in page

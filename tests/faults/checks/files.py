"""Files that are damaged, missing, foreign, older than they should be, or open to everybody."""

import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.faults.check import Check, Figure, Progress
from tests.faults.order_journal import FILE_NAME
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.read_model_audit import wait_for_screens
from tests.faults.recorded import read_log
from tests.faults.shop_audit import shop_is_wrong
from tests.shop import Shop, ShopDidNotStart
from tests.visitor import Visitor

READ_MODELS = "read_models.sqlite3"
ACCOUNTS = "default.sqlite3"


def _truncate(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def _overwrite(file: Path) -> None:
    file.write_bytes(b"This is no database." * 500)


def _overwrite_the_middle(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 3)
        opened.write(b"\xff" * 8192)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _remove(file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        (file.parent / name).unlink(missing_ok=True)


DAMAGES: tuple[Callable[[Path], None], ...] = (
    _truncate,
    _overwrite,
    _overwrite_the_middle,
    _empty,
    _remove,
)


def _order_some(shop: Shop, number: int) -> None:
    with OrderingProgram.of(shop) as program:
        for _ in range(number):
            program.insist(new_key(), contents_of())
    wait_for_screens(shop, read_log(shop.eventstore_uri)[-1].position)


def damaged_read_models(shop: Shop, count: int, progress: Progress) -> Figure:
    """Damage the closed shop's read models, and open it: made again from the log."""
    opened = 0
    shop.start()
    _order_some(shop, 3)
    for number in range(count):
        damage = DAMAGES[number % len(DAMAGES)]
        shop.stop()
        damage(shop.var / READ_MODELS)
        try:
            shop.start()
        except ShopDidNotStart as error:
            said = " ".join(str(error).split())[-120:]
            what = damage.__name__.strip("_").replace("_", " ")
            return Figure(f"{what}: the shop does not open: {said}", held=False)
        _order_some(shop, 1)
        wrong = shop_is_wrong(shop)
        if wrong:
            return Figure(f"{damage.__name__.strip('_')}: {wrong[0]}", held=False)
        opened += 1
        progress(number + 1)
    return Figure(f"opened {opened} of {count} times, every row as the log says", held=True)


def lost_keys(shop: Shop, count: int, progress: Progress) -> Figure:
    """Remove the file with the customers' keys: the shop refuses to open, in a sentence."""
    shop.start()
    _order_some(shop, 2)
    shop.stop()
    kept = shop.var / "kept.sqlite3"
    shutil.copy(shop.var / ACCOUNTS, kept)
    for number in range(count):
        _remove(shop.var / ACCOUNTS)
        said_before = shop.log.stat().st_size
        try:
            shop.start()
        except ShopDidNotStart:
            said = shop.log.read_text()[said_before:]
            if "Traceback" in said or "key" not in said.lower():
                return Figure(f"refused without a sentence: {said.strip()[-100:]}", held=False)
        else:
            shop.stop()
            return Figure("opened without a word: all customers' keys are new", held=False)
        shutil.copy(kept, shop.var / ACCOUNTS)
        progress(number + 1)
    shop.start()
    return Figure(f"refused {count} of {count} times; opens again with the file", held=True)


def older_log(shop: Shop, count: int, progress: Progress) -> Figure:
    """Restore an older log; every second time it has other orders where the lost ones were."""
    shop.start()
    _order_some(shop, 2)
    for number in range(count):
        overtaken = number % 2 == 1
        shop.stop()
        with tempfile.TemporaryDirectory() as place:
            older = Path(place) / "shop"
            shutil.copytree(shop.var, older)
            shop.start()
            _order_some(shop, 3)
            shop.stop()
            if overtaken:
                with Shop(var=older) as restored:
                    _order_some(restored, 6)
            # What an operator puts back: the log and the accounts, not the read models.
            shutil.rmtree(shop.var / "eventstore")
            for name in ("eventstore", ACCOUNTS, FILE_NAME):
                source = older / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, shop.var / name)
        shop.start()
        _order_some(shop, 2)
        wrong = shop_is_wrong(shop)
        if wrong:
            how = "with new orders where the lost ones were" if overtaken else "shorter"
            return Figure(f"{how}: {wrong[0]}", held=False)
        progress(number + 1)
    return Figure(f"noticed {count} of {count} times, every row as the log says", held=True)


def file_modes(shop: Shop, count: int, progress: Progress) -> Figure:
    """Open a shop in a directory that others may read: its files are its owner's only."""
    shop.var.chmod(0o755)
    shop.start()
    with Visitor(shop) as somebody:
        somebody.order()
    open_files = sorted(
        str(file.relative_to(shop.var))
        for file in shop.var.rglob("*")
        if file.is_file()
        and file != shop.log
        and file.name != FILE_NAME
        and stat.S_IMODE(file.stat().st_mode) & 0o077
        and _holds_something(shop.var, file)
    )
    progress(count)
    text = f"{len(open_files)} files that others may read"
    return Figure(text + (f": {', '.join(open_files[:6])}" if open_files else ""), not open_files)


def _holds_something(var: Path, file: Path) -> bool:
    """Whether others could get there: no directory on the way keeps them out."""
    for parent in file.relative_to(var).parents:
        if parent != Path() and not stat.S_IMODE((var / parent).stat().st_mode) & 0o011:
            return False
    return file.suffix not in {".crt", ".lock"}


FILES = [
    Check(
        name="damaged-read-models",
        fault="T13",
        goal="the shop opens; every row is as the log says",
        run=damaged_read_models,
        full=10,
        short=1,
        starts_shop=False,
    ),
    Check(
        name="lost-keys",
        fault="T13",
        goal="refused in a sentence that says what to restore",
        run=lost_keys,
        full=2,
        starts_shop=False,
    ),
    Check(
        name="older-log",
        fault="T12",
        goal="noticed; every row is as the log says",
        run=older_log,
        full=10,
        starts_shop=False,
    ),
    Check(
        name="file-modes",
        goal="0 files that others may read, whatever the directory",
        run=file_modes,
        full=1,
        short=1,
        starts_shop=False,
    ),
]

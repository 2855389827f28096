"""The log is restored from an older backup, and more is ordered than was lost: the checkpoints lie
within it, but it is not the log that they were made of.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.recorded import read_log
from tests.faults.terminal_audit import read_terminal
from tests.shop import ROOT, Shop
from tests.visitor import Visitor

LOST = 3
"""Orders after the backup that the restored log does not have."""


def eventstore(*words: str) -> None:
    """Carry out a command of the log's upkeep."""
    command = [sys.executable, "-m", "embedded_eventstore", *words]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)


def pay_by_card(shop: Shop, orders: int) -> None:
    """Order so often, and wait until the card was charged."""
    with Visitor(shop) as helen:
        for _ in range(orders):
            placed = helen.order(card="demo-approve")
            helen.wait_for_words(placed, "Paid")


def checkpoint_of_the_reactor(var: Path) -> tuple[int, str]:
    with closing(sqlite3.connect(var / "default.sqlite3")) as file:
        row = file.execute("SELECT position, event_id FROM orders_reactorcheckpoint").fetchone()
    return int(row[0]), str(row[1])


def put_back_checkpoint(var: Path, place: tuple[int, str]) -> None:
    with closing(sqlite3.connect(var / "default.sqlite3")) as file, file:
        file.execute("UPDATE orders_reactorcheckpoint SET position = ?, event_id = ?", place)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_restored_log_that_has_gone_on_is_read_anew_and_nothing_is_charged_twice(
    shop: Shop, tmp_path: Path
) -> None:
    log, read_models = shop.var / "eventstore", shop.var / "read_models.sqlite3"
    pay_by_card(shop, 1)
    eventstore("backup", "--data", str(log), "--to", str(tmp_path / "backup.db"))
    pay_by_card(shop, LOST)
    shop.stop()
    shutil.copy(read_models, tmp_path / "read_models.sqlite3")
    place = checkpoint_of_the_reactor(shop.var)

    # What a restored log is at first: shorter. The shop goes on with it, beyond where it was.
    accounts = [path for path in log.iterdir() if not path.name.startswith("events.db")]
    restored = tmp_path / "restored"
    eventstore("restore", "--from", str(tmp_path / "backup.db"), "--data", str(restored))
    for path in accounts:
        if path.is_file() and not (restored / path.name).exists():
            shutil.copy2(path, restored / path.name)
    shutil.rmtree(log)
    restored.rename(log)
    shop.start()
    pay_by_card(shop, 2 * LOST)
    shop.stop()
    assert checkpoint_of_the_reactor(shop.var)[0] > place[0]

    # What projector and reactor would find who were away meanwhile.
    shutil.copy(tmp_path / "read_models.sqlite3", read_models)
    put_back_checkpoint(shop.var, place)
    charged_before = read_terminal(shop.var)
    shop.start()
    shop.wait_until(lambda: shop.command("verify_read_models").returncode == 0, 60)
    said = shop.log.read_text()
    assert "is another or an older one" in said
    assert said.count("reactor_starts_over") == 2
    pay_by_card(shop, 1)

    assert len(read_terminal(shop.var)) == len(charged_before) + 1
    paid = [event for event in read_log(shop.eventstore_uri) if event.type_name == "OrderPaid"]
    assert len(paid) == 1 + 2 * LOST + 1

"""Several projectors at once, killed at any moment: every row is what the log says."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orders.event_store import EventStore
from projections.screens import PROJECTIONS
from projections.tests.shop_day import random_day
from projections.tests.shop_files import ShopFiles, write_down
from tests.eventstore_fixture import RunningEventstore

pytestmark = pytest.mark.slow

KILLS = 5
PATIENCE = 40


@pytest.fixture
def shop_files(tmp_path: Path, own_eventstore: RunningEventstore) -> Iterator[ShopFiles]:
    files = ShopFiles(tmp_path, own_eventstore.uri)
    try:
        files.migrate()
        yield files
    finally:
        files.close()


def wait_until_all_are_at(files: ShopFiles, head: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while files.positions() != {head} and time.monotonic() < deadline:
        time.sleep(0.1)
    assert files.positions() == {head}


@pytest.mark.slow
def test_two_projectors_killed_at_random_lose_and_double_nothing(shop_files: ShopFiles) -> None:
    store = EventStore(shop_files.eventstore_uri)
    dice = random.Random(5)
    projectors = [shop_files.start("project"), shop_files.start("project")]
    for day in range(KILLS):
        write_down(store, random_day(day, orders=8))
        time.sleep(dice.uniform(0.2, 1.2))
        shop_files.kill(projectors.pop(dice.randrange(2)))
        projectors.append(shop_files.start("project"))
    head = store.head()
    store.close()
    wait_until_all_are_at(shop_files, head)
    verified = shop_files.command("verify_read_models")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Every row is what the log says." in verified.stdout


def test_a_changed_row_is_found_and_a_rebuild_mends_it(shop_files: ShopFiles) -> None:
    store = EventStore(shop_files.eventstore_uri)
    write_down(store, random_day(1, orders=4))
    head = store.head()
    store.close()
    projector = shop_files.start("project")
    wait_until_all_are_at(shop_files, head)
    shop_files.rows("UPDATE projections_queueticket SET paid = NOT paid WHERE number = 1")
    shop_files.rows("DELETE FROM projections_directoryentry WHERE number = 2")
    found = shop_files.command("verify_read_models")
    assert found.returncode == 1
    assert "1 differ" in found.stdout
    assert "1 missing" in found.stdout
    rebuilt = shop_files.command("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert shop_files.command("verify_read_models").returncode == 0
    assert projector.poll() is None
    left = shop_files.rows("SELECT generation, state FROM projections_checkpoint")
    assert left == [(2, "active")] * len(PROJECTIONS), (
        "nothing of the old generation or of a shadow is left"
    )
    assert shop_files.rows("SELECT DISTINCT generation FROM projections_queueticket") == [(2,)]

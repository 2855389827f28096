"""The bench as a command: what it prints, and when it ends with 1."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.load import bench, other_work, rebuilds
from tests.load.bench import Goal
from tests.load.other_work import busy_cores
from tests.load.side_by_side import Progress, Row, Wrong
from tests.shop import Shop


def fine(_rounds: int, extent: float, _progress: Progress) -> list[Row]:
    return [Row("G1", "orders/s", ours=[extent])]


def lossy(_rounds: int, _extent: float, _progress: Progress) -> list[Row]:
    raise Wrong("1 acknowledged orders are not in the log")


def broken(_rounds: int, _extent: float, _progress: Progress) -> list[Row]:
    raise TimeoutError("The shop does not come to rest")


@pytest.fixture(autouse=True)
def goals(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {"G1": fine, "G2": lossy, "G3": broken}
    made = {name: Goal(way, quick=(1, 2.0), full=(5, 30.0)) for name, way in ways.items()}
    monkeypatch.setattr(bench, "GOALS", made)
    monkeypatch.setattr(bench, "forget_other_shops", lambda: None)
    monkeypatch.setattr(other_work, "busy_cores", lambda: 0.02)


def test_a_table_is_printed_and_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "table.md"
    assert bench.main(["G1", "--full", "--markdown", str(file)]) == 0
    said = capsys.readouterr().out
    assert "| G1 | orders/s |  |  | 30 |  |  |" in said
    assert "`bin/bench G1 --full" in said
    assert "revision" in said
    assert file.read_text() in said


def test_a_lost_order_makes_it_fail(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["G2"]) == 1
    assert "G2: 1 acknowledged orders are not in the log" in capsys.readouterr().out


def test_a_goal_that_cannot_be_measured_leaves_the_others_their_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench.main(["G3", "G1"]) == 1
    said = capsys.readouterr().out
    assert "| G1 | orders/s |  |  | 2 |  |  |" in said
    assert "G3 could not be measured: TimeoutError The shop does not come to rest" in said


def test_beside_other_work_nothing_is_measured_but_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(other_work, "busy_cores", lambda: 1.3)
    with pytest.raises(SystemExit) as ended:
        bench.main(["G1"])
    assert ended.value.code == 2
    assert "something else uses 1.3 cores" in capsys.readouterr().err

    assert bench.main(["G1", "--beside"]) == 0
    assert "other work before each goal: at most 1.30 cores" in capsys.readouterr().out


def test_a_process_that_computes_is_seen() -> None:
    calm = busy_cores(0.2)
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as computing:
        try:
            busy = busy_cores(0.5)
        finally:
            computing.kill()

    assert busy > 0.3 or calm > 0.3


def test_the_memory_of_a_process_is_not_that_of_who_measures_it(tmp_path: Path) -> None:
    held = bytearray(os.urandom(1)) * 400_000_000
    _, figures = rebuilds._timed(tmp_path, "-c", "import time; time.sleep(0.3)")
    del held

    assert 1 < figures[rebuilds.PEAK] < 100


def test_a_goal_that_there_is_not_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        bench.main(["G99"])
    assert ended.value.code == 2


def test_an_interrupt_while_the_shop_opens_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(shop: Shop, *_: Any) -> None:
        assert shop.is_open
        raise KeyboardInterrupt

    monkeypatch.setattr(Shop, "wait_until", interrupt)
    shop = Shop()
    with pytest.raises(KeyboardInterrupt), shop:
        raise AssertionError("it is not open")

    assert not shop.is_open
    assert not shop.var.exists()

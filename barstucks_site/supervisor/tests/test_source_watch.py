"""Which source files have changed, and who has to read them anew."""

import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from barstucks_site.supervisor.plan import EmbeddedLog, Plan
from barstucks_site.supervisor.process_list import shop_processes
from barstucks_site.supervisor.source_watch import FOLDERS, LOOK_EVERY, SourceWatch

ROOT = Path(__file__).parents[3]


@dataclass
class Watched:
    """A watch of a small tree of files, and the clock it goes by."""

    root: Path
    now: float = 0.0

    def __post_init__(self) -> None:
        self.write("orders/menu.py", "1")
        self.write("templates/menu.html", "1")
        self.watch = SourceWatch(self.root, lambda: self.now)

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.now += 1  # no two contents have the same time
        os.utime(file, (self.now, self.now))

    def look(self) -> list[str]:
        self.now += LOOK_EVERY
        return self.watch.changed()


@pytest.fixture
def files(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_every_package_of_the_shop_is_watched_and_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["importlinter"]["root_packages"]) - {"embedded_eventstore"}
    installed = project["tool"]["setuptools"]["packages"]["find"]["include"]

    assert packages <= set(FOLDERS)
    assert packages == {name.removesuffix("*") for name in installed}


def test_nothing_has_changed_by_itself(files: Watched) -> None:
    assert [files.look() for _ in range(3)] == [[], [], []]


def test_a_change_is_told_once_and_when_it_is_over(files: Watched) -> None:
    files.write("orders/menu.py", "2")
    assert files.look() == []
    files.write("templates/menu.html", "2")
    assert files.look() == []

    assert files.look() == ["orders/menu.py", "templates/menu.html"]
    assert files.look() == []


def test_new_files_and_those_that_are_gone_are_changes(files: Watched) -> None:
    files.write("static/css/new.css", "1")
    (files.root / "orders/menu.py").unlink()

    assert [files.look(), files.look()] == [[], ["orders/menu.py", "static/css/new.css"]]


def test_what_no_process_reads_is_no_change(files: Watched) -> None:
    files.write("orders/tests/test_menu.py", "1")
    files.write("orders/__pycache__/menu.cpython-311.pyc", "1")
    files.write("orders/.menu.py.swp", "1")
    files.write("var/shop.py", "1")

    assert [files.look(), files.look()] == [[], []]


def test_it_looks_twice_a_second(files: Watched) -> None:
    files.write("orders/menu.py", "2")
    files.look()

    assert files.watch.changed() == []  # no time has passed
    assert files.look() == ["orders/menu.py"]


def test_all_parts_but_the_log_run_sources(tmp_path: Path) -> None:
    plan = Plan(
        root=str(tmp_path),
        var=str(tmp_path / "var"),
        eventstore_uri="esdb://127.0.0.1:2113",
        log=EmbeddedLog(directory=str(tmp_path), port=2113, web_page_port=None),
        url="http://127.0.0.1:8000/",
        listening=3,
        live_listening=4,
        lock=5,
        family_lock=6,
        hang_seconds=15,
        never_gives_up=True,
        reload=True,
        greeting="",
        failure="{}",
    )
    processes = [process for group in shop_processes(plan) for process in group]
    web = next(process for process in processes if process.name == "web")

    assert [p.name for p in processes if p.runs_sources] == ["projector", "reactor", "web"]
    assert web.command[-1] == "--collect"
    assert "--collect" not in str(shop_processes(replace(plan, reload=False)))

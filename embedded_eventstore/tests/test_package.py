"""The package that others install: complete, and in need of nothing but what it names.

It is built here without a network, by the setuptools that the lock file holds.
"""

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest

from embedded_eventstore.tests.readme import program_runs

PACKAGE = Path(__file__).parents[1]
NOT_INSTALLED = {"tests", "bench", "build", "__pycache__"}
DISTRIBUTIONS = {"grpc": "grpcio", "google": "protobuf"}
"""Where a module does not come from a distribution of its own name."""
OPTIONAL = {"pytest", "kurrentdbclient"}
"""Only its own plugin imports pytest, and only pytest imports that; the other takes esdbclient's
place where somebody has installed it instead."""


def installed_files(suffix: str) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        relative = path.relative_to(PACKAGE)
        hidden = NOT_INSTALLED.intersection(relative.parts)
        if path.is_file() and not hidden and path.name.endswith(suffix):
            yield relative


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]


def test_it_needs_what_it_names_and_nothing_of_the_shop() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    needed = {name for path in installed_files(".py") for name in imported_by(path)}
    foreign = needed - sys.stdlib_module_names - OPTIONAL - {"embedded_eventstore"}

    named = {requirement.partition(">")[0] for requirement in project["dependencies"]}
    assert {DISTRIBUTIONS.get(module, module) for module in foreign} == named


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    base = tmp_path_factory.mktemp("wheel")
    source = base / "source"
    unwanted = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    shutil.copytree(PACKAGE, source, ignore=unwanted)
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(base)],
        cwd=source,
        timeout=60,
        check=True,
        capture_output=True,
    )
    (built,) = base.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_every_module_and_template_and_no_test(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    templates = {path for path in installed_files("") if "templates" in path.parts}

    assert templates
    expected = {*installed_files(".py"), *templates, Path("py.typed")}
    assert held == {f"embedded_eventstore/{path.as_posix()}" for path in expected}


def test_the_wheel_brings_the_command_and_the_plugin(wheel: zipfile.ZipFile) -> None:
    (folder,) = {name.partition("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    metadata = Parser().parsestr(wheel.read(f"{folder}/METADATA").decode())
    entry_points = wheel.read(f"{folder}/entry_points.txt").decode()

    assert (metadata["Name"], metadata["License-Expression"]) == ("embedded-eventstore", "MIT")
    assert metadata["Requires-Python"] == ">=3.11"
    assert "# The embedded Eventstore" in metadata.get_payload()
    assert "embedded-eventstore = embedded_eventstore.__main__:main" in entry_points
    assert "[pytest11]\nembedded_eventstore = embedded_eventstore.pytest_plugin" in entry_points


@pytest.mark.locked_client
def test_what_the_wheel_holds_tests_somebodys_program(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    wheel.extractall(tmp_path / "installed")
    program_runs(tmp_path, package=tmp_path / "installed")

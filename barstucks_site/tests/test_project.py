"""The project as tools read it: what `uv sync` and `pip install -e .` find in pyproject.toml."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKED = ("requirements.in", "requirements-otel.in")
PACKAGES = ("barstucks_site", "orders", "projections", "rush", "staff")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an editable installation adds to an environment, built from a copy without a network."""
    copy, site = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("site")
    for name in (*LOCKED, "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, copy / name)
    unwanted = shutil.ignore_patterns("__pycache__")
    for package in (*PACKAGES, "embedded_eventstore", "tests"):
        shutil.copytree(ROOT / package, copy / package, ignore=unwanted)
    build = "import sys; from setuptools import build_meta; build_meta.build_editable(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(site)],
        cwd=copy,
        timeout=60,
        check=True,
        capture_output=True,
    )
    (wheel,) = site.glob("*.whl")
    with zipfile.ZipFile(wheel) as built:
        built.extractall(site)
    return site


@pytest.fixture
def metadata(installed: Path) -> Message:
    (file,) = installed.glob("*.dist-info/METADATA")
    return Parser().parsestr(file.read_text())


def required(file: str = "requirements.in") -> Iterator[str]:
    for line in (ROOT / file).read_text().splitlines():
        requirement = line.partition("#")[0].strip()
        if requirement and not requirement.startswith("-r "):
            yield requirement


def _sorted_words(requirements: list[str] | Iterator[str]) -> list[str]:
    """Requirements as they can be compared: tools reorder their bounds and drop spaces."""
    return sorted("".join(sorted(r.replace(" ", ""))) for r in requirements)


def test_it_needs_what_the_lock_is_made_of(metadata: Message) -> None:
    needed = [n for n in metadata.get_all("Requires-Dist", []) if "extra ==" not in n]

    assert len(needed) > 10
    assert _sorted_words(iter(needed)) == _sorted_words(required())


def test_its_extra_is_what_notes_traces(metadata: Message) -> None:
    needed = [n.split(";") for n in metadata.get_all("Requires-Dist", []) if "extra ==" in n]

    assert {extra.strip() for _, extra in needed} == {'extra == "otel"'}
    assert _sorted_words([name for name, _ in needed]) == _sorted_words(
        required("requirements-otel.in")
    )


def test_it_says_who_made_it_under_which_licence(metadata: Message) -> None:
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Author"] == "the Barstucks authors"
    assert metadata["Requires-Python"] == "<3.14,>=3.11"
    assert "the Barstucks authors" in (ROOT / "LICENSE").read_text()


def test_its_packages_are_found_from_anywhere_but_not_what_is_another_project(
    installed: Path, tmp_path: Path
) -> None:
    looking = (
        "import sys, site, importlib.util; site.addsitedir(sys.argv[1]); "
        "print(*(name for name in sys.argv[2:] if importlib.util.find_spec(name)))"
    )
    names = (*PACKAGES, "embedded_eventstore", "tests")
    found = subprocess.run(
        [sys.executable, "-P", "-c", looking, str(installed), *names],
        cwd=tmp_path,
        timeout=30,
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == list(PACKAGES)


def test_the_workflow_runs_what_decides_and_scripts_that_are_there() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    jobs = workflow["jobs"]
    blocking = {name for name, job in jobs.items() if not job.get("continue-on-error")}

    assert blocking == {"everything"}
    assert jobs["everything"]["steps"][-1]["run"] == "bash .ci/run"
    (others,) = (step["run"] for step in jobs["other-versions"]["steps"] if "run" in step)
    script = (ROOT / "tests/other_versions.sh").read_text()
    assert others.startswith("PYTHON=python tests/other_versions.sh ")
    for run in jobs["other-versions"]["strategy"]["matrix"]["include"]:
        assert f"\n{run['what']})\n" in script


def test_the_checks_before_a_commit_are_those_of_the_lock() -> None:
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (local,) = configuration["repos"]

    assert local["repo"] == "local"
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        assert "bin/environment requirements-dev.txt" in hook["entry"]


def test_the_dev_container_installs_what_the_tests_need() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())

    for tool in ("chromium-headless-shell", "postgresql", "redis-server"):
        assert tool in container["postCreateCommand"]
        assert tool in (ROOT / ".ci/run").read_text()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    named = re.findall(r"\]\(([\w./-]+)\)", text) + re.findall(r"`([\w.-]+/[\w./-]*)`", text)

    assert len(named) > 3
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [
        ("requirements.in", "requirements.txt"),
        ("requirements.in", "requirements-dev.txt"),
        ("requirements-dev.in", "requirements-dev.txt"),
    ],
)
def test_a_lock_holds_what_is_wanted_of_it(wanted: str, lock: str) -> None:
    pins = re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    locked = {canonicalize_name(name): version for name, version in pins}

    for requirement in map(Requirement, required(wanted)):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])

"""The image without Docker: which files are in it, and that the shop opens from them.

What only Docker can show is left: the base image, the user, the published port.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest

from tests.image.dockerfile import Dockerfile, files_below, ignored, patterns_in
from tests.shop import AS_DELIVERED, OF_ANOTHER_SHOP, Shop
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKERFILE = Dockerfile.read(ROOT / "Dockerfile")
PATTERNS = patterns_in(ROOT / ".dockerignore")
INSTALL_SECONDS = 420
NOT_ONLY_THIS_MACHINE = "127.0.0.2"
"""For a demo as foreign as any other address, and yet nobody else can reach it."""
ONLY_FOR_TESTS = ("pytest", "pytest-django")
IMPORT = re.compile(r"^\s*(?:from|import) (pytest|hypothesis|playwright|tests|conftest)\b", re.M)


def files_of(image: str) -> list[PurePosixPath]:
    return [
        file for source in DOCKERFILE.copied(image) for file in files_below(ROOT, source, PATTERNS)
    ]


@pytest.mark.parametrize(
    ("path", "is_out"),
    [
        ("orders/tests/test_races.py", True),
        ("tests/shop.py", True),
        ("orders/urls.py", False),
        ("var/secret_key", True),
        ("orders/var/kept.py", False),
        ("secrets/secret_key", True),
        ("embedded_eventstore/bench/size.py", True),
        ("embedded_eventstore/node.py", False),
    ],
)
def test_a_pattern_keeps_out_what_docker_says_it_does(path: str, is_out: bool) -> None:
    assert ignored(PurePosixPath(path), PATTERNS) is is_out


def test_each_stage_has_a_name_and_begins_with_another_or_with_a_pinned_image() -> None:
    names = [stage.name for stage in DOCKERFILE.stages]

    assert names == ["packages", "shop", "demo"]
    for stage in DOCKERFILE.stages:
        assert stage.origin in names or re.fullmatch(r"python:3\.\d+-slim-\w+", stage.origin)


def test_everything_that_is_copied_exists() -> None:
    for stage in DOCKERFILE.stages:
        for source in DOCKERFILE.copied(stage.name):
            assert (ROOT / source).exists(), source


def test_the_image_holds_the_code_of_the_shop_and_neither_tests_nor_their_tools() -> None:
    files = files_of("shop")

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for package in project["tool"]["importlinter"]["root_packages"]:
        assert PurePosixPath(package, "__init__.py") in files
    for file in files:
        assert "tests" not in file.parts
        assert not file.name.startswith(("test_", "conftest"))
        if file.suffix == ".py":
            assert not IMPORT.search((ROOT / file).read_text()), f"{file} imports a test's tool"


def test_what_it_runs_as_and_how_it_is_told_that_a_demo_is_open() -> None:
    assert DOCKERFILE.instructions("shop", "USER") == ["barstucks"]
    assert DOCKERFILE.instructions("demo", "USER") == ["barstucks"]
    assert DOCKERFILE.stages[-1].name == "demo"
    assert DOCKERFILE.environment("shop")["BARSTUCKS_MODE"] == "shop"
    assert "DEMO_OPEN_TO_ALL" not in DOCKERFILE.environment("shop")
    assert DOCKERFILE.environment("demo")["BARSTUCKS_MODE"] == "demo"
    assert DOCKERFILE.environment("demo")["DEMO_OPEN_TO_ALL"] == "yes"
    assert DOCKERFILE.command("demo")[1:5] == ["manage.py", "serve", "--host", "0.0.0.0"]  # noqa: S104


class ImageFolder:
    """The folders of an image below one of ours, made by the Dockerfile's own instructions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = folder / "app"
        self.variables = {
            name: os.environ[name]
            for name in ("HOME", "LANG", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
            if name in os.environ
        } | {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.environ.get("PIP_CONFIG_FILE", "")}
        self.variables = {name: value for name, value in self.variables.items() if value}

    def build(self, image: str) -> None:
        """Carry out COPY and RUN of every stage that the image needs, in order."""
        for stage in [*DOCKERFILE.lineage("packages"), *DOCKERFILE.lineage(image)]:
            here = self.folder / stage.name
            here.mkdir()
            for word, rest in stage.instructions:
                if word == "WORKDIR":
                    here = self.folder / rest.lstrip("/")
                    here.mkdir(parents=True, exist_ok=True)
                elif word == "COPY" and not rest.startswith("--from="):
                    self._copy(rest.split()[:-1], here)
                elif word == "RUN" and not rest.startswith("useradd"):
                    self._run(rest, here)

    def _copy(self, sources: list[str], here: Path) -> None:
        for source in sources:
            for file in files_below(ROOT, source, PATTERNS):
                target = here / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, target)

    def _run(self, command: str, here: Path) -> None:
        command = re.sub(r"(?<![\w./])/(opt|app|tmp)/", f"{self.folder}/\\1/", command)
        command = command.replace("--no-cache-dir ", "")  # what pip keeps, it need not fetch again
        command = re.sub(r"^python ", f"{sys.executable} ", command)
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=here,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def environment(self, image: str) -> dict[str, str]:
        """What the image sets, with our folder before each path."""
        return {
            name: re.sub(r"(^|:)/(opt|app)\b", f"\\1{self.folder}/\\2", value).replace(
                "$PATH", os.environ["PATH"]
            )
            for name, value in DOCKERFILE.environment(image).items()
        }


@pytest.mark.slow
@pytest.mark.timeout(INSTALL_SECONDS + 180)
def test_the_demo_opens_from_what_the_dockerfile_makes_of_an_empty_folder(tmp_path: Path) -> None:
    image = ImageFolder(tmp_path / "image")
    image.folder.mkdir()
    (image.folder / "tmp").mkdir()

    image.build("demo")

    python = image.folder / "opt" / "venv" / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.lower()
    assert "django==" in installed
    for name in ONLY_FOR_TESTS:
        assert f"{name}==" not in installed

    manifest = image.app / "collected" / "staticfiles.json"
    collected_at = manifest.stat().st_mtime_ns
    unset = dict.fromkeys(("PYTHONPATH", *OF_ANOTHER_SHOP), "")
    var = tmp_path / "var"
    environment = {**unset, **image.environment("demo"), **AS_DELIVERED, "BARSTUCKS_VAR": str(var)}
    opening = Shop(var, environment, root=image.app, python=python, host=NOT_ONLY_THIS_MACHINE)
    with opening as shop, Visitor(shop) as visitor:
        page = visitor.open("/")
        placed = visitor.order("Helen")
        visitor.wait_for_words(placed, "Helen")
        assert "Barstucks" in page.text
        assert urlsplit(shop.url).hostname == NOT_ONLY_THIS_MACHINE
        assert "DEMO_OPEN_TO_ALL=yes: the logins" in shop.end_of_log()
    assert manifest.stat().st_mtime_ns == collected_at  # nothing that only root could write

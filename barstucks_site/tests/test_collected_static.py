"""Static files are collected when their sources change, once, under names that never change."""

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from django.conf import settings as shop_settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context, Template
from pytest_django import Settings

from barstucks_site import collected_static
from barstucks_site.collected_static import CannotCollect, collect_if_changed
from barstucks_site.templatetags import modules

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = re.compile(r"""\{% (?:static|module) ['"]([^'"]+)['"]""")
IN_STYLES = re.compile(r"""(?:url\(|@import (?!url\())["']?([^"')]+)""")
HASHED = re.compile(r"^.+\.[0-9a-f]{12}\.\w+$")
ONCE = """
import django, os
os.umask(0o077)
django.setup()
from barstucks_site import collected_static
collect, count = collected_static.call_command, []
def counted(*names, **options):
    count.append(1)
    collect(*names, **options)
collected_static.call_command = counted
collected_static.collect_if_changed()
print(len(count))
"""


@pytest.fixture
def sources(tmp_path: Path, settings: Settings) -> Path:
    """A folder of static files beside the shop's, and an empty directory to collect them in."""
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "note.css").write_text("b {}")
    settings.STATICFILES_DIRS = [*shop_settings.STATICFILES_DIRS, folder]
    return folder


@pytest.fixture
def collected(tmp_path: Path, settings: Settings, sources: Path) -> Path:
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {"staticfiles": {"BACKEND": "barstucks_site.collected_static.Storage"}}
    collect_if_changed()
    return Path(settings.STATIC_ROOT)


@pytest.fixture
def _nothing_to_collect(monkeypatch: pytest.MonkeyPatch, collected: Path) -> None:
    def refuse(*_names: str, **_options: object) -> None:
        raise AssertionError("It was collected again.")

    monkeypatch.setattr(collected_static, "call_command", refuse)


def stored_name(name: str) -> str:
    return staticfiles_storage.url(name).removeprefix(shop_settings.STATIC_URL)


def named_in_templates() -> Iterator[str]:
    for template in (ROOT / "templates").rglob("*.html"):
        yield from NAMED.findall(template.read_text())


def test_every_name_in_a_template_is_a_collected_file_with_a_hash(collected: Path) -> None:
    names = set(named_in_templates())
    assert {"css/shop.css", "js/bar.js", "img/drawings.svg"} <= names
    for name in names:
        stored = stored_name(name)
        assert HASHED.match(stored)
        assert (collected / stored).is_file()


def test_every_file_that_a_collected_one_names_is_there_under_its_hash(collected: Path) -> None:
    named = 0
    for file in [*collected.glob("css/*.css"), *collected.glob("js/*.js")]:
        pattern = IN_STYLES if file.suffix == ".css" else modules.IMPORT
        for path in pattern.findall(file.read_text()):
            if not path.startswith(("data:", "#")):
                assert HASHED.match(path), f"{file.name}: {path}"
                assert (file.parent / path).is_file(), f"{file.name}: {path}"
                named += 1
    assert named >= 20


def test_a_stylesheet_holds_those_that_it_imports(collected: Path) -> None:
    whole = (collected / stored_name("css/shop.css")).read_text()
    assert "@import" not in whole
    for part in ("tokens", "layout", "customer", "menu", "tracking", "live"):
        assert (ROOT / f"static/css/{part}.css").read_text() in whole


def test_what_can_be_compressed_is(collected: Path) -> None:
    for name in ("css/shop.css", "js/live.js", "img/drawings.svg"):
        file = collected / stored_name(name)
        packed = file.with_name(f"{file.name}.gz")
        assert gzip.decompress(packed.read_bytes()) == file.read_bytes()
        assert packed.stat().st_size < 0.6 * file.stat().st_size


def test_a_page_asks_for_a_script_and_for_all_that_it_imports_at_once(collected: Path) -> None:
    page = Template("{% load modules %}{% module 'js/board.js' %}").render(Context())
    asked = {
        name: page.count(f'href="{staticfiles_storage.url(f"js/{name}.js")}"')
        for name in ("live", "clock", "fragments", "sound", "settings", "till")
    }
    assert asked == dict.fromkeys(asked, 1) | {"till": 0}
    assert f'<script type="module" src="{staticfiles_storage.url("js/board.js")}">' in page


def test_no_module_imports_anything_that_a_page_does_not_ask_for() -> None:
    for script in (ROOT / "static/js").glob("*.js"):
        name = f"js/{script.name}"
        imported = set(modules.imports_of(name))
        for importing in [name, *imported]:
            text = (ROOT / "static" / importing).read_text()
            for path in re.findall(r'["\'](\./\w+\.js)["\']', text):
                assert normpath(join(dirname(importing), path)) in {*imported, name}


@pytest.mark.usefixtures("_nothing_to_collect")
def test_the_same_sources_are_not_collected_again(sources: Path) -> None:
    os.utime(sources / "note.css", (0, 0))  # as after a checkout, or in an image

    collect_if_changed()


def test_a_changed_file_is_collected_under_another_name(collected: Path, sources: Path) -> None:
    before = next(collected.glob("note.*.css"))
    (sources / "note.css").write_text("i {}")

    collect_if_changed()

    assert {file.read_text() for file in collected.glob("note.*.css")} == {
        "b {}",  # a page that is open may still ask for it
        "i {}",
    }
    assert before.exists()


def test_half_a_collection_is_collected_again(collected: Path) -> None:
    (collected / "staticfiles.json").write_text('{"paths": {')

    collect_if_changed()

    assert HASHED.match(stored_name("css/shop.css"))
    assert '"sources"' in (collected / "staticfiles.json").read_text()


@pytest.mark.usefixtures("_nothing_to_collect")
def test_collected_files_may_be_read_only(collected: Path) -> None:
    for path in (collected, *collected.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)

    collect_if_changed()


def test_a_directory_that_cannot_be_written_is_said_in_a_sentence(
    settings: Settings, tmp_path: Path, sources: Path
) -> None:
    (tmp_path / "file").write_text("")
    settings.STATIC_ROOT = tmp_path / "file" / "collected"

    with pytest.raises(CannotCollect, match="missing or older than their sources, and cannot"):
        collect_if_changed()


def test_of_four_that_start_at_once_one_collects(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "barstucks_site.settings",
        "STATIC_ROOT": str(tmp_path / "collected"),
        "BARSTUCKS_VAR": str(tmp_path / "var"),
    }
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", ONCE], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0].strip() for process in starting]

    assert [process.returncode for process in starting] == [0] * 4
    assert sorted(said) == [b"0", b"0", b"0", b"1"]
    files = list((tmp_path / "collected").rglob("*"))
    assert len(files) > 100
    assert not any(file.stat().st_mode & 0o077 for file in files)

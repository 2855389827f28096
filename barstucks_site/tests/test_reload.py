"""`serve --reload`: a shop that is open reads a source file anew when it was changed."""

import shutil
from pathlib import Path

import httpx
import pytest

from tests.shop import ROOT, Shop

CONTENT = "{% block content %}"
SOURCES = (
    *("manage.py", "api", "barstucks_site", "orders", "projections", "staff", "rush"),
    *("embedded_eventstore", "templates", "static", "locale"),
)


def copy_of_the_sources(directory: Path) -> Path:
    """What the shop is opened from, where a test may change it."""
    directory.mkdir()
    unwanted = shutil.ignore_patterns("__pycache__", "tests")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, ignore=unwanted)
        else:
            shutil.copy2(ROOT / name, directory / name)
    return directory


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_template_and_a_stylesheet_are_shown_as_they_were_changed(tmp_path: Path) -> None:
    root = copy_of_the_sources(tmp_path / "code")
    page, style = root / "templates/ordering/menu.html", root / "static/css/menu.css"

    with Shop(tmp_path / "var", root=root, options=["--reload"]) as shop:
        log, web = shop.pid("eventstore"), shop.pid("web")
        style.write_text(f"{style.read_text()}\n.saved-a-moment-ago {{ color: red }}\n")
        page.write_text(page.read_text().replace(CONTENT, f"{CONTENT}<b>Changed</b>", 1))
        shop.wait_for_another("web", web)

        menu = httpx.get(f"{shop.url}/", timeout=5, trust_env=False).text
        stylesheet = menu.partition('rel="stylesheet" href="')[2].partition('"')[0]
        shown = httpx.get(f"{shop.url}{stylesheet}", timeout=5, trust_env=False).text
        assert shop.pid("eventstore") == log
        assert "changed: projector, reactor, web start again." in shop.end_of_log()
        assert "<b>Changed</b>" in menu
        assert "saved-a-moment-ago" in shown

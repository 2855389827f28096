"""The installed app: what the browser is told, which files are kept, and how it is switched off."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from struct import unpack

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from barstucks_site import offline
from tests.first_view import ASKED_FOR

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

TEMPLATES = settings.BASE_DIR / "templates"
TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
OF_STAFF = re.compile(r"/static/(css/(?!shop)|js/(bar|till|board|actions|keyboard|sound))")


@pytest.fixture(autouse=True)
def _look_again() -> Iterator[None]:
    """Files have one name for the whole life of a process, but not of a test."""
    offline.kept_files.cache_clear()
    offline.cache_name.cache_clear()
    yield
    offline.kept_files.cache_clear()
    offline.cache_name.cache_clear()


def the_worker() -> str:
    response = Client().get("/service-worker.js")
    assert response.status_code == 200
    return response.content.decode()


def test_the_shop_can_be_put_on_a_home_screen() -> None:
    response = Client().get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = json.loads(response.content)
    assert manifest["name"] == "Barstucks"
    assert manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == "en"
    tokens = TOKENS.read_text()
    assert f"--paper: {manifest['background_color']};" in tokens
    assert f"--brand: {manifest['theme_color']};" in tokens
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page("/")


def test_its_icons_are_there_in_the_sizes_that_browsers_ask_for() -> None:
    manifest = json.loads(Client().get("/manifest.webmanifest").content)
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert [icon["sizes"] for icon in drawn] == ["192x192", "512x512"]
    for icon in manifest["icons"]:
        file = finders.find(icon["src"].removeprefix("/static/"))
        assert isinstance(file, str)
        if icon in drawn:
            width, height = unpack(">II", Path(file).read_bytes()[16:24])
            assert f"{width}x{height}" == icon["sizes"]


def test_the_worker_stands_where_it_may_see_every_page_and_is_asked_for_anew_each_time() -> None:
    response = Client().get("/service-worker.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in response["Content-Security-Policy"]


def page(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("address", ["/", "/menu/flat-white/", "/basket/", "/me/", "/offline/"])
def test_every_file_of_a_customers_page_is_kept(address: str) -> None:
    asked_for = {path for path in ASKED_FOR.findall(page(address)) if "/static/" in path}
    asked_for = {path.partition("#")[0] for path in asked_for}
    assert asked_for
    assert asked_for <= set(offline.kept_files())


def test_every_file_that_their_templates_name_is_kept() -> None:
    templates = [*TEMPLATES.glob("ordering/*.html"), *TEMPLATES.glob("offline/*.html")]
    named = re.compile(r"{% (?:module|static) '([^']+)' %}")
    found = {
        name
        for file in (*templates, TEMPLATES / "base.html")
        for name in named.findall(file.read_text())
    }
    assert {"js/tracking.js", "css/shop.css"} <= found
    assert found <= {*offline.FILES, *offline.MODULES}


def test_the_worker_keeps_these_files_and_nothing_of_the_staffs() -> None:
    worker = the_worker()
    assert all(f'"{address}"' in worker for address in offline.kept_files())
    assert not [address for address in offline.kept_files() if OF_STAFF.match(address)]
    for name in ("js/live.js", "js/clock.js", "js/ready_alert.js", "css/shop.css"):
        assert f"/static/{name}" in offline.kept_files()


@pytest.mark.parametrize(
    ("address", "is_a_customers"),
    [
        ("/", True),
        ("/menu/flat-white/", True),
        ("/basket/", True),
        ("/o/abc.def/", True),
        ("/me/", True),
        ("/me/export.json", False),
        ("/bar/", False),
        ("/till/", False),
        ("/manage/", False),
        ("/staff/login/", False),
        ("/inspect/", False),
        ("/board/", False),
        ("/api/orders/", False),
    ],
)
def test_the_worker_answers_for_customers_pages_only(address: str, is_a_customers: bool) -> None:
    found = re.search(r"const CUSTOMERS = /(.+)/;", the_worker())
    assert found
    assert bool(re.match(found[1].replace(r"\/", "/"), address)) is is_a_customers


def test_other_files_are_another_version(tmp_path: Path) -> None:
    hashed = {"staticfiles": {"BACKEND": "barstucks_site.collected_static.Storage"}}
    before = offline.cache_name()
    with override_settings(STORAGES=hashed, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        offline.kept_files.cache_clear()
        offline.cache_name.cache_clear()
        assert offline.cache_name() != before
        assert re.search(r"/static/css/shop\.[0-9a-f]{12}\.css", the_worker())


@override_settings(SERVICE_WORKER=False)
def test_switched_off_it_takes_itself_away_from_browsers_that_have_it() -> None:
    worker = the_worker()
    assert "registration.unregister()" in worker
    assert "caches.delete" in worker
    assert "fetch" not in worker
    html = page("/")
    assert "service-worker" not in html
    assert "offline.js" not in html


def test_pages_know_their_worker_and_which_of_them_keep_themselves() -> None:
    html = page("/")
    assert f'content="{reverse("service_worker")}" data-cache="{offline.cache_name()}"' in html
    assert "data-keep" in html
    for address in ("/basket/", "/me/", "/register/", "/offline/"):
        assert "data-keep" not in page(address)


def test_the_page_without_a_connection_is_the_same_for_everybody() -> None:
    html = page("/offline/")
    assert "No connection" in html
    assert "csrf" not in html

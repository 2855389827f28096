"""What the first look at the menu costs on a phone, counted on the wire."""

import re

import httpx
import pytest

from tests.first_view import first_view
from tests.shop import Shop

pytestmark = pytest.mark.slow

MOST_BYTES = 34_000
MOST_REQUESTS = 10
MOST_BYTES_WITH_WHAT_IS_KEPT = 60_000
MANIFEST = "application/manifest+json"


def test_the_first_view_of_the_menu_is_light_and_all_from_here(shop: Shop) -> None:
    view = first_view(f"{shop.url}/")

    assert all(part.response.status_code == 200 for part in view.values())
    assert all(url.startswith(shop.url) for url in view)
    kinds = [part.response.headers["Content-Type"].partition(";")[0] for part in view.values()]
    assert kinds.count("text/css") == 1
    assert kinds.count("text/javascript") == 4
    assert len(view) <= MOST_REQUESTS
    assert sum(part.bytes for part in view.values()) <= MOST_BYTES


def test_what_belongs_to_the_menu_is_asked_for_once_a_year(shop: Shop) -> None:
    view = first_view(f"{shop.url}/")
    parts = [part.response for url, part in view.items() if url != f"{shop.url}/"]
    parts = [part for part in parts if part.headers["Content-Type"] != MANIFEST]

    assert len(parts) >= 5
    for part in parts:
        assert part.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    packed = [p for p in parts if p.headers["Content-Type"].startswith(("text/", "image/svg"))]
    assert {part.headers.get("Content-Encoding") for part in packed} == {"gzip"}
    assert {part.headers["Vary"] for part in packed} == {"Accept-Encoding"}


def test_what_is_kept_for_a_moment_without_a_connection_is_light_too(shop: Shop) -> None:
    view = first_view(f"{shop.url}/")
    seen = sum(part.bytes for part in view.values())
    worker = httpx.get(f"{shop.url}/service-worker.js", trust_env=False).text
    kept = re.findall(r'^  "(/static/[^"]+)",$', worker, re.MULTILINE)
    assert {url.removeprefix(shop.url) for url in view if "/static/" in url} <= set(kept)

    later = [f"{shop.url}{path}" for path in kept if f"{shop.url}{path}" not in view]
    for url in [*later, f"{shop.url}/service-worker.js", f"{shop.url}/offline/"]:
        with httpx.stream("GET", url, trust_env=False) as response:
            response.read()
            assert response.status_code == 200, url
            seen += response.num_bytes_downloaded
    assert seen <= MOST_BYTES_WITH_WHAT_IS_KEPT

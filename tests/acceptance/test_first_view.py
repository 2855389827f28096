"""What the first look at the menu costs on a phone, counted on the wire."""

from tests.first_view import first_view
from tests.shop import Shop

MOST_BYTES = 24_000
MOST_REQUESTS = 7


def test_the_first_view_of_the_menu_is_light_and_all_from_here(shop: Shop) -> None:
    view = first_view(f"{shop.url}/")

    assert all(part.response.status_code == 200 for part in view.values())
    assert all(url.startswith(shop.url) for url in view)
    kinds = [part.response.headers["Content-Type"].partition(";")[0] for part in view.values()]
    assert kinds.count("text/css") == 1
    assert kinds.count("text/javascript") == 2
    assert len(view) <= MOST_REQUESTS
    assert sum(part.bytes for part in view.values()) <= MOST_BYTES


def test_what_belongs_to_the_menu_is_asked_for_once_a_year(shop: Shop) -> None:
    view = first_view(f"{shop.url}/")
    parts = [part.response for url, part in view.items() if url != f"{shop.url}/"]

    assert len(parts) >= 5
    for part in parts:
        assert part.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    packed = [p for p in parts if p.headers["Content-Type"].startswith(("text/", "image/svg"))]
    assert {part.headers.get("Content-Encoding") for part in packed} == {"gzip"}
    assert {part.headers["Vary"] for part in packed} == {"Accept-Encoding"}

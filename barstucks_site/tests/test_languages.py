"""The language of each page, and the switch that changes it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from barstucks_site.admission.refusals import refusal
from barstucks_site.admission.request_kinds import Kind
from barstucks_site.refusals import Refusals
from barstucks_site.web_server.threaded_handler import Refusal
from orders.domain.shop_settings import SETTINGS
from orders.languages import BOARD_PATH, STAFF_PATHS
from orders.tests.stock import choose
from orders.urls import CUSTOMER as COMMANDS
from projections.tests.at_a_screen import member
from projections.urls import CUSTOMER as PAGES
from staff.roles import MANAGER

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


def page(client: Client, path: str, **more: Any) -> Any:
    return client.get(path, **more)


@pytest.mark.parametrize(
    ("accepted", "opening"),
    [
        ("de", '<html lang="de" dir="ltr"'),
        ("ar", '<html lang="ar" dir="rtl"'),
        ("en-GB", '<html lang="en" dir="ltr"'),
        ("fr", '<html lang="en" dir="ltr"'),
    ],
)
@pytest.mark.parametrize("path", ["/", "/me/", "/register/", "/basket/", "/nothing/here/"])
def test_a_page_says_its_language_and_direction(path: str, accepted: str, opening: str) -> None:
    response = page(Client(), path, headers={"Accept-Language": accepted})
    assert opening in response.content.decode()
    assert response["Content-Language"] == opening.partition('lang="')[2][:2]
    assert "Accept-Language" in response["Vary"]


def test_the_staff_and_the_board_do_not_follow_the_browser() -> None:
    client = Client(headers={"Accept-Language": "ar"})
    for path in ("/staff/login/", "/board/"):
        assert '<html lang="en" dir="ltr"' in page(client, path).content.decode()
    board = page(client, "/board/?lang=de").content.decode()
    assert '<html lang="de" dir="ltr"' in board
    assert "Nichts abzuholen." in board
    assert 'data-socket="/ws/board/?lang=de"' in board
    assert "/board/wait/?lang=de" in board


def test_the_board_speaks_what_the_manager_chose() -> None:
    page_of_settings = page(member(MANAGER), "/manage/settings/").content.decode()
    assert '<option value="en" selected>English</option>' in page_of_settings
    choose("board_language", "ar")
    client = Client(headers={"Accept-Language": "de"})
    board = page(client, "/board/").content.decode()
    assert '<html lang="ar" dir="rtl"' in board
    assert "قيد التحضير" in board
    assert '<html lang="en" dir="ltr"' in page(client, "/board/?lang=en").content.decode()
    assert '<html lang="de" dir="ltr"' in page(client, "/").content.decode()


def test_the_board_can_speak_what_the_pages_speak() -> None:
    assert dict(SETTINGS["board_language"].choices).keys() == dict(settings.LANGUAGES).keys()


def test_the_switch_is_on_every_page_and_remembers() -> None:
    client = Client()
    for path in ("/", "/me/", "/nothing/here/"):
        switch = page(client, path).content.decode()
        assert 'value="ar" lang="ar">العربيّة<' in switch
        assert f'name="next" value="{path}"' in switch
    response = client.post("/language/", {"language": "ar", "next": "/me/?x=1"})
    assert (response.status_code, response["Location"]) == (302, "/me/?x=1")
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("ar", True, "Lax")
    german_browser = page(client, "/", headers={"Accept-Language": "de"})
    assert '<html lang="ar" dir="rtl"' in german_browser.content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"],
)
def test_the_switch_leads_nowhere_else(elsewhere: str) -> None:
    response = Client().post("/language/", {"language": "de", "next": elsewhere})
    assert response["Location"] == "/"


@pytest.mark.parametrize(
    "absurd", ["\x00", "/\x00", "http://[", "/[", "/\r\nX: y", "%ff%fe", "/" + "a" * 5000, "\ud800"]
)
@pytest.mark.parametrize("field", ["next", "language"])
def test_the_switch_stands_absurd_values(field: str, absurd: str) -> None:
    form = {"language": "de", "next": "/me/", field: absurd.encode(errors="surrogatepass")}
    response = Client().post("/language/", form)
    assert response.status_code < 500
    assert response.headers.get("X") is None
    unknown = Client(headers={"Accept-Language": "x" * 5000 + ",\xff;q=9"})
    unknown.cookies["language"] = "../../etc"
    assert '<html lang="en"' in page(unknown, "/").content.decode()


def test_the_switch_takes_no_other_language_and_no_get() -> None:
    client = Client()
    client.post("/language/", {"language": "tlh", "next": "/"})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies
    assert client.get("/language/?language=de").status_code == 405


def test_every_route_of_the_staff_speaks_english_and_no_other() -> None:
    customers = {str(route.pattern) for route in [*COMMANDS, *PAGES]}
    routes = list(_routes(get_resolver("barstucks_site.shop_urls").url_patterns))
    assert len(routes) > len(customers) > 10
    for route in routes:
        is_staffs = f"/{route}".startswith(STAFF_PATHS)
        assert is_staffs or route in customers or f"/{route}".startswith(BOARD_PATH), route
        assert not (is_staffs and route in customers), route


def _routes(patterns: list[URLPattern | URLResolver]) -> Any:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield str(pattern.pattern)


def scope(path: str = "/", **headers: str) -> dict[str, Any]:
    named = {"accept": "text/html", **headers}
    encoded = [(k.replace("_", "-").encode(), v.encode()) for k, v in named.items()]
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": encoded}


def test_a_refusal_that_was_drawn_before_speaks_the_language_of_the_request() -> None:
    refuse = Refusals()
    german = refuse(scope(accept_language="de"), Refusal.BUSY)
    assert b'<html lang="de"' in german.body
    assert b"Es sind mehr Leute hier" in german.body
    chosen = refuse(scope(accept_language="de", cookie="language=ar"), Refusal.BUSY)
    assert b'<html lang="ar" dir="rtl"' in chosen.body
    program = refuse(scope("/api/orders/", accept_language="de"), Refusal.BUSY)
    assert "Es sind mehr Leute hier" in program.body.decode("unicode_escape")
    staff = refuse(scope("/bar/", accept_language="de"), Refusal.BUSY)
    assert b'<html lang="en"' in staff.body


def test_so_does_one_for_too_many_requests() -> None:
    for language, words in (("de", "in 5 Sekunden"), ("ar", "5 ثوانٍ"), ("en", "in 5 seconds")):
        response = refusal(scope(accept_language=language), Kind.TRACKING, 4.0)
        assert response.status == 429
        assert words in response.body.decode()

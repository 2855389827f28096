"""Each device shows the staff's screens as it was told: dark, light, or as its system is."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


def shown(client: Client) -> str:
    page = client.get("/staff/login/").content.decode()
    return page.partition('data-theme="')[2].partition('"')[0]


def test_a_device_that_was_told_nothing_is_dark(client: Client) -> None:
    assert shown(client) == "dark"


@pytest.mark.parametrize("theme", ["light", "system", "dark"])
def test_what_is_chosen_is_in_the_first_page_already_and_stays(client: Client, theme: str) -> None:
    response = client.post("/staff/theme/", {"theme": theme, "next": "/bar/?page=2"})

    assert (response.status_code, response["Location"]) == (302, "/bar/?page=2")
    assert shown(client) == theme
    cookie = response.cookies[settings.THEME_COOKIE_NAME]
    assert cookie["max-age"] == 365 * 24 * 3600
    assert cookie["httponly"]


@pytest.mark.parametrize("theme", ["", "pink", '"><script>'])
def test_nonsense_is_dark(client: Client, theme: str) -> None:
    client.post("/staff/theme/", {"theme": theme})
    assert shown(client) == "dark"

    client.cookies[settings.THEME_COOKIE_NAME] = theme
    assert shown(client) == "dark"


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "javascript:x", ""])
def test_nobody_is_sent_elsewhere(client: Client, elsewhere: str) -> None:
    response = client.post("/staff/theme/", {"theme": "light", "next": elsewhere})

    assert response["Location"] == "/staff/"


def test_the_page_offers_every_theme_and_says_which_one_it_is(client: Client) -> None:
    client.post("/staff/theme/", {"theme": "light"})
    page = client.get("/staff/login/").content.decode()

    for theme, pressed in (("dark", "false"), ("light", "true"), ("system", "false")):
        assert f'name="theme" value="{theme}" aria-pressed="{pressed}"' in page


def test_no_request_by_a_link_changes_it(client: Client) -> None:
    assert client.get("/staff/theme/?theme=light").status_code == 405

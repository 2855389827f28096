"""What holds for every screen with a page: who may see it, what links to it, what of it is live."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projections.screen import Screen
from projections.screens import SCREENS
from projections.tests.at_a_screen import BOTH, member, page
from staff.roles import ROLES

pytestmark = pytest.mark.django_db(databases=BOTH)

LINKED = [pytest.param(screen, id=screen.page) for screen in SCREENS if screen.title]


@pytest.mark.parametrize("screen", LINKED)
def test_a_screen_is_seen_by_those_who_hold_its_permission(screen: Screen) -> None:
    address = reverse(screen.page)
    for role, permissions in ROLES.items():
        answer: Any = member(role, role).get(address)
        may = screen.permission is None or screen.permission in permissions
        assert answer.status_code == (200 if may else 403), role
    assert Client().get(address).status_code == (302 if screen.permission else 200)


@pytest.mark.parametrize("screen", LINKED)
def test_a_live_screen_says_so_on_its_page(screen: Screen) -> None:
    html = page(member("manager"), reverse(screen.page))

    assert (f'data-live="{screen.view}"' in html) == (screen.snapshot is not None)


def test_the_staff_read_links_to_the_screens_they_may_see() -> None:
    html = page(member("cashier"), reverse("till"))
    links = html.partition('aria-label="Screens"')[2].partition("</nav>")[0]

    titles = [screen.title for screen in SCREENS if f">{screen.title}</a>" in links]

    assert titles == ["Bar", "Till", "Board"]
    assert links.count('aria-current="page"') == 1

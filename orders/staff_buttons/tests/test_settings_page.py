"""The page of the settings: what a manager types is taken, or stays with the reason why not."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orders import shop_state
from orders.shop_state import ShopState, shop_now
from orders.tests.crew import Crew
from orders.tests.guest import BOTH, words_of

pytestmark = [
    pytest.mark.django_db(databases=BOTH),
    pytest.mark.usefixtures("open_shop"),
]

PAGE = "/manage/settings/"


@pytest.fixture
def ada() -> Crew:
    """A manager."""
    return Crew("Ada", "manager")


def part_of(html: str, name: str) -> str:
    """What the page says of one setting."""
    found = re.search(
        rf'<section class="setting" id="setting-{name}".*?</section>', html, re.DOTALL
    )
    assert found is not None
    return found[0]


def seen_in(client: Client, name: str) -> str:
    """What stands there, as the form sends it along."""
    part = part_of(words_of(client.get(PAGE)), name)
    found = re.search(r'name="seen" value="([^"]*)"', part)
    assert found is not None
    return unescape(found[1])


def chosen(client: Client, name: str, value: str, **more: str) -> Any:
    """Send the form of a setting, as a browser does."""
    return client.post(f"{PAGE}{name}/", {"command_id": str(uuid4()), "value": value, **more})


def test_the_page_says_what_was_chosen_just_now(ada: Crew) -> None:
    response = chosen(ada, "most_rushed", "3")

    assert response.status_code == 303
    path, _, place = response["Location"].partition("#")
    assert place == "setting-most_rushed"
    html = words_of(ada.get(path))
    assert f'id="{place}"' in html
    assert "Chosen." in part_of(html, "most_rushed")
    assert html.count("Chosen.") == 1


def test_what_is_refused_stays_in_its_field_with_the_reason(ada: Crew) -> None:
    hours = "mon-fri 07:00-19:00, sat 9 to 5"
    response = chosen(ada, "opening_hours", hours)

    assert response.status_code == 422
    part = part_of(words_of(response), "opening_hours")
    assert f">{hours}</textarea>" in part
    assert "sat 09:00-17:00" in part
    assert 'role="alert"' in part
    assert words_of(response).count('role="alert"') == 1
    assert shop_now().words("opening_hours") == ()


def test_what_nobody_sees_is_not_kept(ada: Crew) -> None:
    """A browser would send a null character back as another one, and nothing fits any more."""
    assert chosen(ada, "allergens", "Milk\x00\r\n\u202enuts, e\u0301gg").status_code == 303

    assert shop_now().words("allergens") == ("milk", "nuts", "égg")


def test_of_two_managers_the_later_reads_what_the_other_chose(ada: Crew) -> None:
    ana = Crew("Ana", "manager")
    seen = seen_in(ada, "allergens")
    assert chosen(ana, "allergens", f"{seen}, celery", seen=seen).status_code == 303

    refused = chosen(ada, "allergens", f"{seen}, mustard", seen=seen)

    assert refused.status_code == 409
    part = part_of(words_of(refused), "allergens")
    assert f">{seen}, mustard</textarea>" in part
    assert f"Somebody else chose meanwhile: {seen}, celery." in part
    assert "mustard" not in shop_now().words("allergens")
    both = f"{seen}, celery, mustard"
    now = seen_in(ada, "allergens")
    assert chosen(ada, "allergens", both, seen=now).status_code == 303
    assert "mustard" in shop_now().words("allergens")


def test_the_page_knows_what_another_process_was_told(
    ada: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_state, "LOOK_SECONDS", 3600.0)
    words_of(ada.get(PAGE))
    elsewhere = ShopState(shop_state.shop_state()._store)
    monkeypatch.setattr("orders.staff_buttons.shop_buttons.tell_the_shop", elsewhere.tell)
    value = "7" if seen_in(ada, "most_rushed") != "7" else "8"

    chosen(ada, "most_rushed", value)

    assert seen_in(ada, "most_rushed") == value


def test_a_program_is_told_by_status_and_code(ada: Crew) -> None:
    wrong = ada.press(f"{PAGE}most_rushed/", value="many")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_input")
    late = ada.press(f"{PAGE}most_rushed/", value="19", seen="17")
    assert (late.status_code, late.json()["code"]) == (409, "chosen_elsewhere")
    assert chosen(ada, "colour", "blue").status_code == 422

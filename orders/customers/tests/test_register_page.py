"""Being known by a name, coming back on another device, being forgotten."""

from uuid import UUID, uuid4

import pytest

from orders.customers.registration import registered_name
from orders.domain.events import CustomerForgotten
from orders.domain.streams import customer_stream
from orders.event_codec import decode
from orders.event_store import event_store
from orders.links import customer_token
from orders.tests.guest import BOTH, Guest, words_of

pytestmark = pytest.mark.django_db(databases=BOTH)


def form(name: str) -> dict[str, str]:
    return {"command_id": str(uuid4()), "name": name}


def unused_name() -> str:
    """A name that nobody in the log of this test run has."""
    return f"Carla {uuid4().hex[:12]}"


def customer_of(guest: Guest) -> UUID:
    return UUID(hex=guest.cookies["guest"].value.partition(":")[0])


def test_a_name_is_registered(carla: Guest) -> None:
    name = unused_name()
    response = carla.post("/register/", form(name))
    assert response.status_code == 303
    assert response["Location"].startswith("/me/?after=")
    assert registered_name(customer_of(carla)) == name


def test_a_name_is_unique_however_it_is_written(carla: Guest, another_guest: Guest) -> None:
    name = unused_name()
    carla.post("/register/", form(name))
    response = another_guest.post("/register/", form(f" {name.upper()}\u200b"))
    page = words_of(response)
    assert response.status_code == 409
    assert "Somebody else is known here by that name" in page
    assert name.upper() in page


def test_the_same_form_registers_once(carla: Guest) -> None:
    one = form(unused_name())
    for _ in range(3):
        assert carla.post("/register/", one).status_code == 303
    assert len(event_store().read_stream(customer_stream(customer_of(carla)))) == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Please give a name."),
        (" \u200b\u202e ", "Please give a name."),
        ("x" * 41, "At most 40 characters"),
        ("x" * 10_000, "At most 40 characters"),
    ],
)
def test_a_name_that_is_none_is_refused_beside_the_field(
    carla: Guest, name: str, sentence: str
) -> None:
    response = carla.post("/register/", form(name))
    assert response.status_code == 422
    assert words_of(response).count(sentence) == 2


def test_a_form_from_elsewhere_is_refused(open_shop: None) -> None:
    stranger = Guest(enforce_csrf_checks=True)
    assert stranger.post("/register/", form("Carla")).status_code == 403
    assert stranger.post("/me/forget/", form("")).status_code == 403


def test_registering_knows_no_other_method(carla: Guest) -> None:
    assert carla.put("/register/").status_code == 405


def test_the_own_link_makes_another_device_one_s_own_after_asking(
    carla: Guest, another_guest: Guest
) -> None:
    carla.post("/register/", form(unused_name()))
    link = f"/me/{customer_token(customer_of(carla))}/"
    asked = another_guest.get(link)
    assert "Are these your orders?" in words_of(asked)
    assert "guest" not in another_guest.cookies
    assert another_guest.post(link)["Location"] == "/me/"
    assert customer_of(another_guest) == customer_of(carla)


def test_a_link_that_the_shop_did_not_sign_leads_nowhere(carla: Guest) -> None:
    carla.add()
    customer = customer_of(carla)
    for token in (customer.hex, f"{customer.hex}.forged", "helen"):
        assert carla.get(f"/me/{token}/").status_code == 404
        assert carla.post(f"/me/{token}/").status_code == 404


def test_a_cookie_that_the_shop_did_not_sign_is_a_stranger_s(carla: Guest) -> None:
    carla.post("/register/", form(unused_name()))
    forged = Guest()
    forged.cookies["guest"] = f"{customer_of(carla).hex}:forged:cookie"
    assert "On another device" not in words_of(forged.get("/me/"))


def test_somebody_is_forgotten_when_they_are_sure(carla: Guest, another_guest: Guest) -> None:
    name = unused_name()
    carla.post("/register/", form(name))
    customer = customer_of(carla)
    unsure = carla.post("/me/forget/", form(""))
    assert unsure.status_code == 422
    response = carla.post("/me/forget/", {**form(""), "sure": "yes"})
    assert response.status_code == 303
    facts = [decode(stored) for stored in event_store().read_stream(customer_stream(customer))]
    assert isinstance(facts[-1] and facts[-1].event, CustomerForgotten)
    assert carla.cookies["guest"].value == ""
    assert "You are forgotten." in words_of(carla.get(response["Location"]))
    assert another_guest.post("/register/", form(name)).status_code == 303


def test_forgetting_takes_a_post_and_somebody(carla: Guest) -> None:
    assert carla.get("/me/forget/").status_code == 405
    assert carla.post("/me/forget/", {**form(""), "sure": "yes"}).status_code == 404

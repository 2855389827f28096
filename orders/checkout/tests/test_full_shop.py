"""When the shop takes no more orders just now: what guests read, and that nothing is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from orders import admission
from orders.admission import Full, Origin, ShopFull, TooManyUnpaid
from orders.tests.crew import Crew
from orders.tests.guest import BOTH, Guest, checkout_form, facts_behind, words_of

pytestmark = pytest.mark.django_db(databases=BOTH)


class Door:
    """Lets the counter in, and guests while it is open."""

    def __init__(self) -> None:
        self.closed: admission.NotAdmitted | None = None
        self.fullness: Full | None = None
        self.asked: list[Origin | None] = []

    @contextmanager
    def admitted(self, _order: UUID, origin: Origin | None) -> Iterator[None]:
        self.asked.append(origin)
        if self.closed is not None and origin is not None:
            raise self.closed
        yield

    def full(self) -> Full | None:
        return self.fullness

    def close(self) -> None:
        self.fullness = Full(4, 200)
        self.closed = ShopFull(self.fullness.sentence, 240)


DOOR = Door()


def the_door() -> Door:
    """What `ORDER_ADMISSION` names."""
    return DOOR


@pytest.fixture
def door(settings: Settings) -> Door:
    DOOR.__init__()  # type: ignore[misc]
    settings.ORDER_ADMISSION = f"{__name__}.the_door"
    admission.made.cache_clear()
    return DOOR


def test_a_full_shop_says_so_on_menu_and_basket(carla: Guest, door: Door) -> None:
    assert "We are full" not in words_of(carla.get("/"))
    carla.add()
    door.close()
    for path in ("/", "/basket/"):
        words = words_of(carla.get(path))
        assert "We are full just now, back in about 4 minutes" in words
        assert "Your basket is kept" in words


def test_an_order_at_a_full_shop_is_kept_in_the_basket_with_all_that_was_typed(
    carla: Guest, door: Door
) -> None:
    carla.add()
    form = checkout_form(name="Carla", note="no nuts")
    door.close()
    response = carla.post("/orders/", form)
    assert (response.status_code, response["Retry-After"]) == (503, "240")
    text = response.content.decode()
    assert "We are full just now" in text
    assert 'value="Carla"' in text
    assert "no nuts" in text
    assert form["command_id"] in text
    door.closed = door.fullness = None
    assert carla.post("/orders/", form).status_code == 303


def test_a_program_reads_the_code(carla: Guest, door: Door) -> None:
    door.close()
    order = {"command_id": str(uuid4()), "items": [{"item": "espresso"}]}
    response = carla.post("/api/orders/", order, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (503, "shop_full")
    assert response["Retry-After"] == "240"


def test_too_many_unpaid_orders_are_429(carla: Guest, door: Door) -> None:
    carla.add()
    door.closed = TooManyUnpaid("Please pay one of them first.", 60)
    response = carla.post("/orders/", checkout_form())
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Please pay one of them first." in words_of(response)


def test_an_order_that_is_placed_already_is_answered_as_the_first_time(
    carla: Guest, door: Door
) -> None:
    carla.add()
    form, basket = checkout_form(), carla.cookies["basket"].value
    first = carla.post("/orders/", form)
    door.close()
    carla.cookies["basket"] = basket
    again = carla.post("/orders/", form)
    assert again["Location"] == first["Location"]
    assert len(facts_behind(first["Location"])) == 1


def test_admission_knows_the_device_and_the_address(carla: Guest, door: Door) -> None:
    carla.add()
    carla.post("/orders/", checkout_form(), REMOTE_ADDR="203.0.113.5")
    origin = door.asked[0]
    assert origin is not None
    assert origin.address == "203.0.113.5"
    assert origin.device is not None


def test_the_counter_goes_on_and_is_warned(open_shop: None, door: Door) -> None:
    casey = Crew("Casey", "cashier")
    casey.post("/till/new/add/", {"item": "espresso", "add_id": str(uuid4())})
    door.close()
    assert "200 orders are open" in casey.get("/till/new/").content.decode()
    response = casey.press("/till/new/order/")
    assert response.status_code == 201
    assert door.asked == [None]

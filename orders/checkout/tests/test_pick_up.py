"""When an order is wanted: now, at a slot with room, or when its customer is here."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils.timezone import localtime, now

from orders.checkout.pick_up import PickUpSlot, offer, take_slot
from orders.domain.command import Envelope
from orders.domain.events import CoffeeOrdered, CustomerArrived, WaitsFor
from orders.domain.pick_ups import SLOT_MINUTES
from orders.domain.refused import SlotFull
from orders.event_store import EventStore
from orders.tests.guest import BOTH, Guest, checkout_form, facts_behind, words_of
from orders.tests.shop_cast import envelope
from orders.tests.stock import choose

pytestmark = pytest.mark.django_db(databases=BOTH)


def ordered(url: str) -> CoffeeOrdered:
    event = facts_behind(url)[0].event
    assert isinstance(event, CoffeeOrdered)
    return event


def slots_on(page: str) -> list[str]:
    """The slots of a page that have room."""
    select = page.partition('<select name="slot"')[2].partition("</select>")[0]
    return re.findall(r'<option value="([^"]+)"(?: selected)?>', select)


def at_slot(carla: Guest, index: int = 4) -> str:
    return slots_on(carla.get("/basket/").content.decode())[index]


def test_an_order_for_later_waits_and_is_ready_at_its_time(carla: Guest) -> None:
    carla.add()
    slot = at_slot(carla)
    response = carla.order(pick_up="slot", slot=slot)
    assert response.status_code == 303
    event = ordered(response["Location"])
    assert (event.waits_for, event.pick_up_at) == (WaitsFor.TIME, slot)
    begins_at = event.begins_at
    assert begins_at is not None
    wanted = datetime.fromisoformat(slot)
    assert wanted - begins_at == timedelta(seconds=event.promised_seconds)
    assert wanted.minute % SLOT_MINUTES == 0
    page = words_of(carla.get(response["Location"]))
    assert "We make it so that it is ready at its time." in page
    assert f"ready {localtime(wanted):%H:%M}" in page


def test_a_slot_that_is_no_slot_is_refused_and_nothing_is_lost(carla: Guest) -> None:
    carla.add()
    for nonsense in ("2019-06-23T11:05+02:00", "soon", at_slot(carla)[:-6]):
        response = carla.order(pick_up="slot", slot=nonsense, name="Helen")
        assert response.status_code == 422
        assert "That time is over" in words_of(response)
        assert 'value="Helen"' in response.content.decode()


def test_a_full_slot_says_so_and_offers_the_others(carla: Guest) -> None:
    choose("slot_work_minutes", "1")
    carla.add()
    slot = at_slot(carla)
    assert carla.order(pick_up="slot", slot=slot).status_code == 303
    carla.add()
    assert slot not in slots_on(carla.get("/basket/").content.decode())
    late = carla.order(pick_up="slot", slot=slot, name="Helen")
    assert late.status_code == 422
    assert "is full by now" in words_of(late)
    assert 'value="Helen"' in late.content.decode()


def test_a_form_for_later_without_a_time_is_not_made_at_once(carla: Guest) -> None:
    """As browsers send it while the chosen slot is full, and therefore disabled."""
    carla.add()
    for form in ({"pick_up": "slot"}, {"pick_up": "slot", "slot": ""}):
        response = carla.order(name="Helen", **form)
        assert response.status_code == 422
        assert "Please choose when to pick it up." in words_of(response)
        assert 'value="Helen"' in response.content.decode()


def test_the_form_of_an_order_for_later_sent_again_finds_it(carla: Guest) -> None:
    carla.add()
    form = checkout_form(pick_up="slot", slot=at_slot(carla))
    basket = carla.cookies["basket"].value
    first = carla.post("/orders/", form)
    choose("slot_work_minutes", "1")
    carla.cookies["basket"] = basket
    again = carla.post("/orders/", form)
    assert again["Location"] == first["Location"]


def test_who_comes_first_has_the_last_room_of_a_slot(store: EventStore) -> None:
    choose("slot_work_minutes", "5")
    slot = localtime(now() + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)

    def take(order: UUID) -> bool:
        command: Envelope = envelope(uuid4())
        try:
            take_slot(slot, order, command, 60, store=store)
        except SlotFull:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, [uuid4() for _ in range(20)]))

    assert taken.count(True) == 5


def test_a_large_order_has_to_be_for_later(carla: Guest) -> None:
    carla.add(quantity="12")
    page = carla.get("/basket/").content.decode()
    assert "That is a large order" in page
    assert 'name="pick_up" value="">' not in page
    refused = carla.order(name="Office")
    assert refused.status_code == 422
    assert 'value="Office"' in refused.content.decode()
    assert carla.order(pick_up="slot", slot=at_slot(carla), name="Office").status_code == 303


def test_a_program_reads_that_its_order_is_too_large(carla: Guest) -> None:
    wanted: dict[str, Any] = {
        "command_id": str(uuid4()),
        "items": [{"item": "cappuccino", "quantity": 12}],
    }
    response = carla.post("/api/orders/", wanted, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (422, "too_large_for_now")
    choose("slot_work_minutes", "60")
    slot = offer([], now()).slots[-1].value
    later = carla.post("/api/orders/", wanted | {"pick_up": slot}, content_type="application/json")
    assert later.status_code == 201


def test_a_closed_shop_takes_orders_for_when_it_is_open(carla: Guest) -> None:
    here = localtime(now())
    opens, closes = here + timedelta(hours=2), here + timedelta(hours=6)
    choose("opening_hours", f"{opens:%H:%M}-{closes:%H:%M}")
    carla.add()
    page = carla.get("/basket/").content.decode()
    assert "We are closed just now" in page
    assert carla.order().status_code == 422
    assert f"at {opens:%H:%M}." in words_of(carla.get("/"))
    assert f"at {opens:%H:%M}." in words_of(carla.get("/board/wait/"))
    slot = slots_on(page)[0]
    assert datetime.fromisoformat(slot) >= opens.replace(second=0, microsecond=0)
    assert carla.order(pick_up="slot", slot=slot).status_code == 303


def test_an_order_for_another_day_says_which(carla: Guest) -> None:
    wanted = localtime(now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    choose("opening_hours", f"{wanted:%Y-%m-%d} {wanted:%H}:00-{wanted:%H}:30")
    carla.add()
    slot = slots_on(carla.get("/basket/").content.decode())[0]
    url = carla.order(pick_up="slot", slot=slot)["Location"]
    assert f"Ready on {wanted:%A} at {slot[11:16]}" in words_of(carla.get(url))


def test_being_there_begins_an_order_for_later_only_shortly_before(carla: Guest) -> None:
    """Else a large order, put off because the bar has no time for it, would be made at once."""
    carla.add()
    later = carla.order(pick_up="slot", slot=at_slot(carla, 20))["Location"]
    page = carla.get(later).content.decode()
    slot = datetime.fromisoformat(ordered(later).pick_up_at)
    quarter_before = localtime(slot - timedelta(minutes=15))
    assert f'data-may-arrive-from="{quarter_before.isoformat()}"' in page
    assert 'data-from="mayArriveFrom" hidden' in page
    here = carla.post(later.partition("?")[0] + "here/", {"command_id": str(uuid4())})
    assert here.status_code == 409
    assert "It is too early" in words_of(here)
    assert len(facts_behind(later)) == 1


def test_an_order_may_wait_until_its_customer_is_here(carla: Guest) -> None:
    carla.add()
    url = carla.order(pick_up="here")["Location"]
    assert ordered(url).waits_for is WaitsFor.CUSTOMER
    page = carla.get(url)
    assert "We start when you say that you are here." in words_of(page)
    assert 'data-from="mayArriveFrom">' in page.content.decode()
    here = url.partition("?")[0] + "here/"
    form = {"command_id": str(uuid4())}
    assert carla.post(here, form).status_code == 303
    assert carla.post(here, form).status_code == 303
    facts = [fact.event for fact in facts_behind(url)]
    assert facts[1:] == [CustomerArrived()]
    assert 'data-may-arrive-from=""' in carla.get(url).content.decode()


def test_a_shop_may_make_what_is_paid_only(carla: Guest) -> None:
    choose("make_when_paid", "yes")
    carla.add()
    url = carla.order()["Location"]
    assert ordered(url).waits_for is WaitsFor.PAYMENT
    page = words_of(carla.get(url))
    assert "We start when it is paid." in page
    assert "Nobody waits for the money" not in page


def test_a_shop_that_makes_what_is_paid_says_so_before_anybody_orders(carla: Guest) -> None:
    carla.add()
    assert "any time before you take it" in words_of(carla.get("/basket/"))
    choose("make_when_paid", "yes")
    page = words_of(carla.get("/basket/"))
    assert "we make when it is paid" in page
    assert "after it is paid." in page
    assert "any time before you take it" not in page
    assert "after you order" not in page


def test_a_name_may_stay_off_the_board(carla: Guest) -> None:
    carla.add()
    assert not ordered(carla.order(name="Helen", hide_name="on")["Location"]).on_board
    carla.add()
    assert 'name="hide_name" value="on" checked' in carla.get("/basket/").content.decode()
    assert ordered(carla.order(name="Helen")["Location"]).on_board


def test_slots_are_offered_two_hours_ahead_and_over_a_change_of_the_clock() -> None:
    before = datetime.fromisoformat("2026-10-24T23:00+00:00")  # an hour later it is winter time
    slots: list[PickUpSlot] = list(offer([], before).slots)
    steps = {b.at - a.at for a, b in pairwise(slots)}
    assert len(slots) == 24
    assert {step.total_seconds() for step in steps} == {300.0}

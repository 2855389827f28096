"""Placing an order: once, at the shop's price, and with nothing lost when it is refused."""

from uuid import uuid4

import pytest

from orders.domain.cups import Cup, cups_in
from orders.domain.events import CoffeeOrdered, PaymentStarted
from orders.event_store import EventStore, OutcomeUnknown
from orders.menu.cache import menu_changed
from orders.menu.models import Size
from orders.tests.guest import BOTH, Guest, checkout_form, facts_behind, words_of
from orders.tests.stock import sell_out

pytestmark = pytest.mark.django_db(databases=BOTH)


def ordered(url: str) -> CoffeeOrdered:
    event = facts_behind(url)[0].event
    assert isinstance(event, CoffeeOrdered)
    return event


def test_an_order_is_written_down_and_leads_to_its_page(carla: Guest) -> None:
    carla.add("cappuccino", size="large", **{"one-milk": "oat-milk"}, quantity="2")
    response = carla.order(name="Helen", note="no nuts")
    assert response.status_code == 303
    assert "?after=" in response["Location"]
    event = ordered(response["Location"])
    assert (event.name, event.note) == ("Helen", "no nuts")
    assert event.total == 2 * (480 + 60)
    assert event.lines[0].options == ("SUB oat milk",)
    assert "Your basket is empty" in words_of(carla.get("/basket/"))


def test_five_times_the_same_form_is_one_order(carla: Guest) -> None:
    carla.add()
    form = checkout_form()
    basket = carla.cookies["basket"].value
    pages = set()
    for _ in range(5):
        carla.cookies["basket"] = basket
        pages.add(carla.post("/orders/", form)["Location"])
    assert len(pages) == 1
    assert len(facts_behind(pages.pop())) == 1


def test_the_form_sent_again_finds_its_order_though_the_basket_is_gone(carla: Guest) -> None:
    carla.add()
    form = checkout_form()
    first = carla.post("/orders/", form)
    again = carla.post("/orders/", form)
    assert again.status_code == 303
    assert again["Location"] == first["Location"]


@pytest.mark.parametrize("other", [{"name": "Helen"}, {"note": "hot"}])
def test_the_form_with_another_name_is_no_repeat_though_the_basket_is_gone(
    carla: Guest, other: dict[str, str]
) -> None:
    carla.add()
    form = checkout_form()
    carla.post("/orders/", form)
    response = carla.post("/orders/", {**form, **other}, headers={"Accept": "application/json"})
    assert response.status_code == 409
    assert response.json()["code"] == "command_id_reused"


def test_the_form_sent_again_finds_its_order_though_prices_have_changed(carla: Guest) -> None:
    carla.add("cappuccino", size="large")
    form = checkout_form(seen_total="480")
    basket = carla.cookies["basket"].value
    first = carla.post("/orders/", form)
    Size.objects.filter(item__slug="cappuccino", slug="large").update(price=600)
    menu_changed()
    carla.cookies["basket"] = basket
    again = carla.post("/orders/", form)
    assert again.status_code == 303
    assert again["Location"] == first["Location"]


def test_a_stranger_without_a_cookie_still_orders_once(carla: Guest) -> None:
    carla.add()
    basket = carla.cookies["basket"].value
    form = checkout_form()
    pages = set()
    for _ in range(2):
        stranger = Guest()
        stranger.cookies["basket"] = basket
        pages.add(stranger.post("/orders/", form)["Location"])
    assert len(pages) == 1


def test_the_same_form_with_another_basket_is_refused_and_gets_a_new_id(carla: Guest) -> None:
    form = checkout_form()
    carla.add("cappuccino")
    carla.post("/orders/", form)
    carla.add("bagel")
    response = carla.post("/orders/", form)
    assert response.status_code == 409
    assert form["command_id"] not in words_of(response)
    assert "Bagel" in words_of(response)


def test_a_price_cannot_be_sent(carla: Guest) -> None:
    carla.add("cappuccino", size="large", price="1", unit_price="1")
    response = carla.order(price="1", total="1", unit_price="-5", discount="100", currency="XXX")
    event = ordered(response["Location"])
    assert (event.total, event.currency) == (480, "EUR")


def test_a_changed_price_is_shown_before_anybody_pays_it(carla: Guest) -> None:
    carla.add("cappuccino", size="large")
    Size.objects.filter(item__slug="cappuccino", slug="large").update(price=600)
    menu_changed()
    response = carla.order(seen_total="480", name="Helen")
    page = words_of(response)
    assert response.status_code == 422
    assert "A price or your basket has changed" in page
    assert 'name="seen_total" value="600"' in page
    assert 'data-news-from="/basket/"' in page  # its own address takes nothing but the form
    assert 'value="Helen"' in page


def test_sold_out_between_basket_and_order_names_the_line_and_keeps_the_rest(carla: Guest) -> None:
    carla.add("cappuccino")
    carla.add("bagel")
    sell_out("cappuccino")
    form = checkout_form(name="Helen", note="quickly")
    response = carla.post("/orders/", form)
    page = words_of(response)
    assert response.status_code == 422
    assert "Cappuccino is sold out." in page
    assert "Bagel" in page
    assert 'value="Helen"' in page
    assert "quickly</textarea>" in page
    assert form["command_id"] in page
    assert "Bagel" in words_of(carla.get("/basket/"))


def test_an_empty_basket_is_no_order(carla: Guest) -> None:
    response = carla.order()
    assert response.status_code == 422
    assert "Your basket is empty." in words_of(response)


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("name", "x" * 41, "At most 40 characters, please; these are 41."),
        ("name", "x" * 10_000, "At most 40 characters, please; these are 10000."),
        ("note", "y" * 201, "At most 200 characters, please; these are 201."),
        ("pay", "shells", "Please say how you pay."),
        ("pay", "", "Please say how you pay."),
    ],
)
def test_what_is_refused_is_said_twice_and_nothing_is_lost(
    carla: Guest, field: str, text: str, sentence: str
) -> None:
    carla.add()
    fields = {"name": "Helen", "note": "quickly", field: text}
    response = carla.order(**fields)
    page = words_of(response)
    assert response.status_code == 422
    assert page.count(sentence) == 2
    assert fields["name"] in page
    assert fields["note"] in page
    assert "Cappuccino" in words_of(carla.get("/basket/"))


def test_a_form_without_a_command_id_is_refused(carla: Guest) -> None:
    carla.add()
    for nonsense in ("", "x", "' OR 1=1 --", "../../order"):
        response = carla.order(command_id=nonsense)
        assert response.status_code == 422
        assert "This form came incomplete." in words_of(response)


def test_markup_and_invisible_characters_in_a_name(carla: Guest) -> None:
    carla.add()
    name = "\u202e<b>Zoe\u0308</b>\u200b\x00\r\n ☕"
    url = carla.order(name=name)["Location"]
    assert ordered(url).name == "<b>Zoë</b> ☕"
    page = words_of(carla.get(url))
    assert "&lt;b&gt;Zoë&lt;/b&gt; ☕" in page
    assert "<b>" not in page


def test_paying_by_card_starts_a_payment(carla: Guest) -> None:
    carla.add()
    url = carla.order(pay="card", card_token="demo-approve")["Location"]
    facts = facts_behind(url)
    assert [type(fact.event) for fact in facts] == [CoffeeOrdered, PaymentStarted]


def test_an_unknown_card_is_refused_before_anything_is_ordered(carla: Guest) -> None:
    carla.add()
    response = carla.order(pay="card", card_token="4111 1111 1111 1111")
    assert response.status_code == 422
    assert "Please choose a card." in words_of(response)
    assert "Cappuccino" in words_of(carla.get("/basket/"))


def test_a_form_from_elsewhere_is_refused(open_shop: None) -> None:
    stranger = Guest(enforce_csrf_checks=True)
    response = stranger.post("/orders/", checkout_form())
    assert response.status_code == 403
    assert "You may not do that here" in words_of(response)


def test_placing_takes_a_post(carla: Guest) -> None:
    assert carla.get("/orders/").status_code == 405


def test_a_program_is_answered_in_json(carla: Guest) -> None:
    carla.add()
    response = carla.post("/orders/", checkout_form(), headers={"Accept": "application/json"})
    assert response.status_code == 201
    assert set(response.json()) == {"position", "replayed", "url", "number"}
    refused = carla.post("/orders/", checkout_form(), headers={"Accept": "application/json"})
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["detail"] == "Your basket is empty."


def test_while_the_log_is_away_basket_and_form_are_kept(closed_log: None) -> None:
    carla = Guest()
    carla.add()
    form = checkout_form(name="Helen")
    response = carla.post("/orders/", form)
    page = words_of(response)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "We could not take your order just now" in page
    assert form["command_id"] in page
    assert 'value="Helen"' in page
    assert "Try again" in page
    assert "Cappuccino" in words_of(carla.get("/basket/"))


def test_an_unknown_outcome_keeps_the_form_for_the_same_order(
    carla: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    carla.add()
    form = checkout_form()
    append = EventStore.append

    def lost_answer(*arguments: object, **more: object) -> int:
        append(*arguments, **more)  # type: ignore[arg-type]
        raise OutcomeUnknown

    carla.placed()  # the numbers are reserved by now
    carla.add()
    with monkeypatch.context() as patch:
        patch.setattr(EventStore, "append", lost_answer)
        response = carla.post("/orders/", form)
    assert response.status_code == 504
    assert form["command_id"] in words_of(response)
    again = carla.post("/orders/", form)
    assert again.status_code == 303
    assert len(facts_behind(again["Location"])) == 1


def test_another_guest_with_the_same_command_id_gets_their_own_order(
    carla: Guest, another_guest: Guest
) -> None:
    form = checkout_form(command_id=str(uuid4()))
    carla.add()
    another_guest.add()
    first = carla.post("/orders/", form)["Location"]
    second = another_guest.post("/orders/", form)["Location"]
    assert first.partition("?")[0] != second.partition("?")[0]


def test_each_drink_may_have_a_name_and_a_wish_of_its_own(carla: Guest) -> None:
    carla.add("cappuccino", cup="Max", note="extra hot")
    carla.add("cappuccino", cup="Max", note="extra hot")
    carla.add("cappuccino", cup="Zoe")
    basket = words_of(carla.get("/basket/"))
    assert "for <bdi>Max</bdi> “<bdi>extra hot</bdi>”" in basket
    event = ordered(carla.order()["Location"])
    assert [line.quantity for line in event.lines] == [2, 1]
    assert cups_in(event.cups) == {1: Cup("Max", "extra hot"), 2: Cup("Zoe")}
    refused = carla.add("cappuccino", cup="x" * 21)
    assert refused.status_code == 422

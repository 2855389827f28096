"""Idempotency: the same form sent again, and two people who want the same thing."""

import uuid

from tests.acceptance.at_two_screens import at_the_same_moment
from tests.faults.recorded import read_log
from tests.live_view import LiveView
from tests.shop import Shop
from tests.visitor import Visitor, placed_order


def test_the_same_form_five_times_is_one_order(helen: Visitor, bao: Visitor, shop: Shop) -> None:
    form = helen.order_form()
    responses = [helen.submit(form, {"name": "five times", "pay": "counter"}) for _ in range(5)]
    assert [response.status_code for response in responses] == [303] * 5
    assert len({placed_order(response) for response in responses}) == 1
    written = [
        event
        for event in read_log(shop.eventstore_uri)
        if event.metadata.get("command_id") == str(uuid.UUID(form.value("command_id")))
    ]
    assert [event.type_name for event in written] == ["CoffeeOrdered"]
    with LiveView(bao, "barista-queue") as bar:
        bar.wait_for(placed_order(responses[0]), "take")
        named = [f for f in bar.state.fragments.values() if "five times" in f.html]
        assert len(named) == 1


def test_the_same_form_five_times_at_once_is_one_order(helen: Visitor, shop: Shop) -> None:
    form = helen.order_form()
    responses = at_the_same_moment(
        *(lambda: helen.submit(form, {"name": "all at once", "pay": "counter"}) for _ in range(5))
    )
    assert [response.status_code for response in responses] == [303] * 5
    placed = {placed_order(response).order for response in responses}
    assert len(placed) == 1
    events = [event for event in read_log(shop.eventstore_uri) if event.order in placed]
    assert [event.type_name for event in events] == ["CoffeeOrdered"]


def test_two_baristas_at_once_one_has_it_and_the_other_reads_who(
    helen: Visitor, bao: Visitor, ada: Visitor, shop: Shop
) -> None:
    for _ in range(10):
        placed = helen.order()
        take = f"/bar/{placed.order}/take/"
        responses = dict(
            zip(
                ("Bao", "Ada"),
                at_the_same_moment(lambda: bao.press(take), lambda: ada.press(take)),  # noqa: B023
                strict=True,
            )
        )
        won = [name for name, response in responses.items() if response.status_code < 300]
        assert len(won) == 1, {name: response.text for name, response in responses.items()}
        loser = next(response for name, response in responses.items() if name not in won)
        assert loser.status_code == 409
        assert won[0] in loser.json()["detail"]
        assert loser.json()["code"] == "already_taken"
        started = [
            event.type_name
            for event in read_log(shop.eventstore_uri)
            if event.order == placed.order and event.type_name == "PreparationStarted"
        ]
        assert len(started) == 1


def test_two_cashiers_at_once_take_the_money_once(
    helen: Visitor, casey: Visitor, ada: Visitor, shop: Shop
) -> None:
    placed = helen.order()
    responses = at_the_same_moment(
        lambda: casey.press(f"/till/{placed.order}/cash/", given="50.00"),
        lambda: ada.press(f"/till/{placed.order}/card-by-hand/"),
    )
    assert sorted(response.status_code for response in responses)[1] == 409
    paid = [e for e in read_log(shop.eventstore_uri) if e.order == placed.order]
    assert [event.type_name for event in paid].count("OrderPaid") == 1


def test_a_button_pressed_again_answers_as_the_first_time(
    helen: Visitor, bao: Visitor, casey: Visitor
) -> None:
    placed = helen.order()
    for visitor, path, fields in (
        (bao, f"/bar/{placed.order}/take/", {}),
        (casey, f"/till/{placed.order}/cash/", {"given": "50.00"}),
        (bao, f"/bar/{placed.order}/ready/", {}),
        (casey, f"/till/{placed.order}/serve/", {}),
    ):
        command_id = str(uuid.uuid4())
        first = visitor.press(path, command_id, **fields)
        again = visitor.press(path, command_id, **fields)
        assert first.status_code < 300, first.text
        assert again.status_code < 300, again.text
        assert again.json()["position"] == first.json()["position"]
        assert again.json()["replayed"] is True

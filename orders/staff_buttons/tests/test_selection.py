"""Cancelling a selection: each order by itself, with one reason, and an answer about each."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from orders import command_handler
from orders.domain.events import OrderCancelled
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import OutcomeUnknown, StoreUnavailable, event_store
from orders.staff_buttons import selection
from orders.tests.crew import Crew, an_order, event_types_of
from orders.tests.guest import BOTH

pytestmark = [
    pytest.mark.django_db(databases=BOTH),
    pytest.mark.usefixtures("open_shop"),
]
REASON = "not a real order"


@pytest.fixture
def ada() -> Crew:
    """The manager."""
    return Crew("Ada", "manager")


def cancel(
    who: Client,
    *orders: UUID | str,
    command_id: UUID | None = None,
    html: bool = False,
    **form: Any,
) -> Any:
    chosen = [order.hex if isinstance(order, UUID) else order for order in orders]
    sent = {"command_id": str(command_id or uuid4()), "order": chosen, "reason": REASON, **form}
    accept = "text/html" if html else "application/json"
    return who.post(reverse("cancel_selection"), sent, headers={"Accept": accept})


def cancelled_for(order: UUID) -> str:
    facts = [decode(stored) for stored in event_store().read_stream(order_stream(order))]
    return next(f.event.reason for f in facts if f and isinstance(f.event, OrderCancelled))


def test_a_selection_is_cancelled_with_one_reason(ada: Crew) -> None:
    orders = [an_order() for _ in range(3)]
    spared = an_order()
    response = cancel(ada, *orders)
    assert response.status_code == 200
    assert response.json()["cancelled"] == [order.hex for order in orders]
    assert response.json()["refused"] == []
    assert [cancelled_for(order) for order in orders] == [REASON] * 3
    assert event_types_of(spared) == []
    assert response.json()["url"] == f"/manage/open/?after={response.json()['position']}"


def test_what_is_refused_says_why_and_holds_up_nothing_else(ada: Crew) -> None:
    gone, standing, nobody = an_order(), an_order(), uuid4()
    cancel(ada, gone)
    page = cancel(ada, gone, nobody, standing)
    assert page.json()["cancelled"] == [standing.hex]
    refused = {outcome["order"]: outcome for outcome in page.json()["refused"]}
    assert refused[gone.hex]["code"] == "already_cancelled"
    assert refused[nobody.hex]["code"] == "unknown_order"
    assert not refused[gone.hex]["retry"]


def test_the_page_says_it_in_numbers_and_words_without_a_script(ada: Crew) -> None:
    gone, standing = an_order(), an_order()
    cancel(ada, gone)
    page = cancel(ada, gone, standing, html=True)
    text = page.content.decode()
    assert page.status_code == 200
    assert "1 cancelled, 1 not" in text
    assert "This order was cancelled." in text
    assert text.count("041") == 2


def test_the_same_form_again_changes_nothing_and_says_the_same(ada: Crew) -> None:
    orders, press = [an_order(), an_order()], uuid4()
    first = cancel(ada, *orders, command_id=press)
    again = cancel(ada, *orders, command_id=press)
    assert again.json() == first.json()
    assert [event_types_of(order) for order in orders] == [["OrderCancelled"]] * 2


def test_an_order_twice_in_the_form_is_one(ada: Crew) -> None:
    order = an_order()
    assert cancel(ada, order, order).json()["cancelled"] == [order.hex]


def test_what_was_paid_is_to_be_given_back_as_after_a_single_cancel(ada: Crew) -> None:
    paid, single = an_order(), an_order()
    casey = Crew("Casey", "cashier")
    for order in (paid, single):
        casey.press(f"/till/{order.hex}/cash/", given="5")
    casey.press(f"/till/{single.hex}/cancel/", reason=REASON)
    cancel(ada, paid)
    assert event_types_of(paid) == event_types_of(single) == ["OrderPaid", "OrderCancelled"]


@pytest.mark.parametrize("error", [StoreUnavailable, OutcomeUnknown])
def test_when_the_log_goes_away_the_rest_is_not_tried_and_the_page_sends_it_again(
    ada: Crew, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    orders, tried = [an_order() for _ in range(4)], []

    def handle(stream: str, *command: Any) -> Any:
        tried.append(stream)
        if len(tried) == 2:
            raise error
        return command_handler.handle(stream, *command)

    press = uuid4()
    monkeypatch.setattr(selection, "handle", handle)
    page = cancel(ada, *orders, command_id=press, html=True)
    assert len(tried) == 2
    text = page.content.decode()
    assert "1 cancelled, 3 not" in text
    assert "Try again with 3" in text
    assert f'name="command_id" value="{press}"' in text
    monkeypatch.undo()
    again = cancel(ada, *orders[1:], command_id=press)
    assert again.json()["cancelled"] == [order.hex for order in orders[1:]]


def test_work_ends_before_the_request_does(ada: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [an_order(), an_order()]
    monkeypatch.setattr(selection, "SECONDS", -1)
    codes = [outcome["code"] for outcome in cancel(ada, *orders).json()["refused"]]
    assert codes == ["not_tried", "not_tried"]


@pytest.mark.parametrize(
    ("orders", "form"),
    [
        ([], {}),
        (["x"], {}),
        ([UUID(int=1).hex], {"reason": " "}),
        ([UUID(int=1).hex], {"reason": "x" * 201}),
        ([UUID(int=n).hex for n in range(201)], {}),
    ],
)
def test_nonsense_cancels_nothing(ada: Crew, orders: list[str], form: dict[str, Any]) -> None:
    assert cancel(ada, *orders, **form).status_code == 422


def test_only_who_may_cancel_any_order_cancels_many(client: Client) -> None:
    order = an_order()
    assert cancel(client, order).status_code == 401
    assert cancel(Crew("Bao", "barista"), order).status_code == 403
    assert event_types_of(order) == []
    assert cancel(Crew("Casey", "cashier"), order).status_code == 200

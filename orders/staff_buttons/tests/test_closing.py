"""Closing the bar: each open order with its ending, and a summary."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from orders import command_handler
from orders.domain.events import CoffeePrepared, OrderCancelled, PreparationStopped
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import StoreUnavailable, event_store
from orders.staff_buttons import closing
from orders.tests.crew import Crew, an_order, event_types_of
from orders.tests.guest import BOTH

pytestmark = [
    pytest.mark.django_db(databases=BOTH),
    pytest.mark.usefixtures("open_shop"),
]
REASON = "we are closing"


@pytest.fixture
def ada() -> Crew:
    """The manager."""
    return Crew("Ada", "manager")


@pytest.fixture
def bao() -> Crew:
    return Crew("Bao", "barista")


def close(
    who: Crew,
    endings: dict[UUID, str],
    *,
    later: dict[UUID, str] | None = None,
    command_id: UUID | None = None,
    accept: str = "application/json",
    **form: str,
) -> Any:
    sent = {"command_id": str(command_id or uuid4()), "reason": REASON, **form}
    sent |= {f"ending-{order.hex}": ending for order, ending in endings.items()}
    sent |= {f"later-{order.hex}": ending for order, ending in (later or {}).items()}
    return who.post(reverse("close_bar"), sent, headers={"Accept": accept})


def paid(ada: Crew, order: UUID) -> UUID:
    assert ada.press(f"/till/{order.hex}/cash/", given="5").status_code == 200
    return order


def facts_of(order: UUID) -> list[Any]:
    facts = [decode(stored) for stored in event_store().read_stream(order_stream(order))]
    return [fact for fact in facts if fact is not None]


def test_each_order_ends_as_it_is_said(ada: Crew, bao: Crew) -> None:
    taken = paid(ada, an_order())
    bao.press(f"/bar/{taken.hex}/take/")
    ready = an_order()
    for action in ("take", "ready"):
        bao.press(f"/bar/{ready.hex}/{action}/")
    waiting, spared = an_order(), an_order()
    endings = {taken: "handed over", ready: "not collected", waiting: "cancelled", spared: ""}
    response = close(ada, endings)
    assert response.json()["ended"] == [taken.hex, ready.hex, waiting.hex]
    assert event_types_of(taken) == [
        "OrderPaid",
        "PreparationStarted",
        "CoffeePrepared",
        "OrderServed",
    ]
    assert event_types_of(ready)[-1] == "OrderNotCollected"
    assert event_types_of(waiting) == ["OrderCancelled"]
    assert event_types_of(spared) == []
    (off,) = [f.event for f in facts_of(waiting) if isinstance(f.event, OrderCancelled)]
    assert off == OrderCancelled(reason=REASON, by_shop=True)


def test_an_order_that_nobody_had_called_ready_has_no_speed(ada: Crew) -> None:
    order = an_order()
    close(ada, {order: "not collected"})
    (prepared,) = [f.event for f in facts_of(order) if isinstance(f.event, CoffeePrepared)]
    assert prepared.at_closing


def test_what_somebody_makes_is_stopped_and_not_left_on_the_screen(ada: Crew, bao: Crew) -> None:
    making, cancelled, asked = an_order(), an_order(), an_order()
    for order in (making, cancelled, asked):
        bao.press(f"/bar/{order.hex}/take/")
    ada.press(f"/till/{cancelled.hex}/cancel/", reason="no milk")
    close(ada, dict.fromkeys((making, cancelled, asked), "cancelled"))
    for order in (making, cancelled, asked):
        types = event_types_of(order)
        assert types.count("OrderCancelled") == 1
        stopped = facts_of(order)[-1].event
        assert isinstance(stopped, PreparationStopped)
        assert stopped.disposition == "wasted"


def test_one_ending_for_all(ada: Crew) -> None:
    orders = [an_order() for _ in range(3)]
    close(ada, dict.fromkeys(orders, ""), all="cancelled")
    assert [event_types_of(order) for order in orders] == [["OrderCancelled"]] * 3


def test_one_ending_for_all_is_not_for_what_is_to_be_made_later(ada: Crew) -> None:
    now, tomorrow, off = an_order(), an_order(), an_order()
    close(ada, {now: ""}, all="cancelled", later={tomorrow: "", off: "cancelled"})
    types = [event_types_of(order) for order in (now, tomorrow, off)]
    assert types == [["OrderCancelled"], [], ["OrderCancelled"]]


def test_what_is_refused_says_why_and_holds_up_nothing_else(ada: Crew) -> None:
    unpaid, gone, fine = an_order(), an_order(), an_order()
    close(ada, {gone: "cancelled"})
    response = close(
        ada, {unpaid: "handed over", gone: "cancelled", fine: "not collected"}, accept="text/html"
    )
    text = response.content.decode()
    assert "1 ended, 2 not" in text
    assert "€4.00" in text
    assert "This order was cancelled." in text
    assert event_types_of(unpaid) == []  # not half done either


def test_all_of_it_is_about_one_request(ada: Crew) -> None:
    orders = [an_order(), an_order()]
    close(ada, dict.fromkeys(orders, "not collected"))
    noted = {fact.correlation_id for order in orders for fact in facts_of(order)[1:]}
    assert len(noted) == 1


def test_the_same_form_again_changes_nothing_and_says_the_same(ada: Crew, bao: Crew) -> None:
    making = an_order()
    bao.press(f"/bar/{making.hex}/take/")
    endings = {paid(ada, an_order()): "handed over", an_order(): "not collected"}
    endings |= {an_order(): "cancelled", making: "cancelled"}
    press = uuid4()
    first = close(ada, endings, command_id=press)
    before = [event_types_of(order) for order in endings]
    again = close(ada, endings, command_id=press)
    assert again.json()["ended"] == first.json()["ended"] == [order.hex for order in endings]
    assert [event_types_of(order) for order in endings] == before


def test_when_the_log_goes_away_the_page_sends_the_rest_again(
    ada: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders, tried = [an_order() for _ in range(3)], []

    def handle(stream: str, *command: Any) -> Any:
        tried.append(stream)
        if len(tried) == 2:
            raise StoreUnavailable
        return command_handler.handle(stream, *command)

    press = uuid4()
    monkeypatch.setattr(closing, "handle", handle)
    text = close(
        ada, dict.fromkeys(orders, "cancelled"), command_id=press, accept="text/html"
    ).content.decode()
    assert "1 ended, 2 not" in text
    assert f'name="ending-{orders[2].hex}" value="cancelled"' in text
    assert f'value="{press}"' in text


@pytest.mark.parametrize(
    ("endings", "form"),
    [
        ({}, {}),
        ({UUID(int=1): "eaten"}, {}),
        ({UUID(int=1): "cancelled"}, {"reason": " "}),
        ({UUID(int=1): "handed over"}, {"reason": "x" * 201}),
        ({UUID(int=n): "cancelled" for n in range(201)}, {}),
    ],
)
def test_nonsense_ends_nothing(ada: Crew, endings: dict[UUID, str], form: dict[str, Any]) -> None:
    assert close(ada, endings, **form).status_code == 422


def test_only_who_may_cancel_any_order_closes(bao: Crew) -> None:
    order = an_order()
    assert close(bao, {order: "cancelled"}).status_code == 403
    assert bao.get("/bar/close/").status_code == 403
    assert close(Crew("Casey", "cashier"), {order: "cancelled"}).status_code == 200

"""Forty pieces of markup in every text that people type, on every page, push and inspector's list.

What is written to the log here skipped the forms, which would have cleaned some of it: pages must
not rely on them.
"""

import json
from collections import Counter
from collections.abc import Iterator
from html import escape
from itertools import cycle
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from orders.command_handler import handle
from orders.domain.ordering import CancelOrder
from orders.domain.payment import TakeCash, WriteOff
from orders.domain.preparation import FinishPreparation, StartPreparation
from orders.domain.streams import order_stream
from orders.links import customer_token, order_token
from orders.menu.cache import menu_changed
from orders.menu.models import Category, MenuItem, Option, OptionGroup
from orders.reactions.parking import ParkedReaction
from projections.engine.models import ParkedEvent
from projections.engine.sequences import Committed
from projections.live import push, snapshots
from projections.screens import LIVE_SCREENS
from projections.tests.projecting import EVERY_VIEW
from staff.names import forget_names
from staff.roles import CASHIER
from tests.eventstore_fixture import RunningEventstore
from tests.faults.fuzz.attempts import FORM, Attempt
from tests.faults.fuzz.knowledge import Knowledge, explore, learn_fields
from tests.faults.fuzz.markup import PAYLOADS, let_through
from tests.faults.fuzz.routes import Route, routes
from tests.faults.fuzz.sending import send
from tests.faults.fuzz.served import Served, serving
from tests.faults.fuzz.stocked_shop import GUEST, OWNER, StockedShop, stocked_shop

pytestmark = [
    pytest.mark.django_db(databases=["default", "read_models"], transaction=True),
    pytest.mark.slow,
]


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture
def committed() -> list[Committed]:
    """What the projector committed, in the order of the commits."""
    return []


@pytest.fixture
def shop(own_eventstore: RunningEventstore, committed: list[Committed]) -> Iterator[StockedShop]:
    with stocked_shop(own_eventstore.uri, committed.extend) as shop:
        yield shop


def spread(shop: StockedShop, payload: str, number: int) -> None:
    """The payload in every text of an order, in one of several states of it."""
    texts = {"name": payload, "note": payload, "item": payload, "option": payload}
    staff, reason = shop.envelope("staff-1"), {"reason": payload}
    match number % 4:
        case 0:
            shop.order(**texts)
        case 1:
            shop.order(StartPreparation, FinishPreparation, **texts)
        case 2:
            order = shop.order(TakeCash, **texts)
            handle(order_stream(order), CancelOrder(**staff, **reason, by_shop=True))
        case _:
            order = shop.order(StartPreparation, **texts)
            handle(order_stream(order), WriteOff(**staff, **reason))
    shop.project()


def on_the_menu(payload: str) -> None:
    """The payload in every text of the menu, of the parked events and of the staff's names."""
    Category.objects.update(name=payload)
    MenuItem.objects.update(name=payload, bar_name=payload, description=payload, allergens=payload)
    OptionGroup.objects.update(name=payload)
    Option.objects.update(name=payload, bar_words=payload, allergens=payload)
    for parked in (ParkedEvent, ParkedReaction):
        parked.objects.update(error=payload, type_name=payload, reason=payload)
    User.objects.update(first_name=payload)
    menu_changed()
    forget_names()


def test_every_payload_fits_and_would_be_found() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 40
    for payload in PAYLOADS:
        assert len(payload) <= 40, payload
        assert let_through(f"<p>{payload}</p>") in payload
        assert let_through(f"<p>{payload}</p>")
        assert not let_through(f'<p title="{escape(payload)}">{escape(payload)}</p>')
    assert let_through("<a href=' javascript:XSS()'>x</a>")


class Looking:
    """What was looked at, and what was found there."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.with_markup: Counter[str] = Counter()

    def at(self, kind: str, where: str, html: str) -> None:
        """Look at a page or a fragment."""
        self.with_markup[kind] += "XSS" in html
        defect = let_through(html)
        if defect:
            self.found.append(f"{kind} {where}: {defect}")

    def at_page(self, address: str, html: str) -> None:
        """Look at a page."""
        self.at("page", address, html)

    def at_message(self, view: str, message: str) -> None:
        """Look at every fragment of what a socket carries."""
        content = json.loads(message)
        for fragment in content["fragments"]:
            self.at(content["kind"], view, fragment["html"] or "")


def test_markup_in_what_is_shown_live_is_only_text(
    shop: StockedShop, committed: list[Committed]
) -> None:
    looking = Looking()
    for number, payload in enumerate(PAYLOADS):
        committed.clear()
        spread(shop, payload, number)
        for view, message in push.message_of(committed, EVERY_VIEW)["frames"].items():
            looking.at_message(view, message)
        tracking = snapshots.snapshot(f"order:{shop.orders[-1].hex}")
        assert escape(payload) in "".join(f["html"] for f in json.loads(tracking)["fragments"])
        looking.at_message("order", tracking)
    for view in set(LIVE_SCREENS) - {"order"}:
        looking.at_message(view, snapshots.snapshot(view))
    print(f"looked at, with markup in them: {dict(looking.with_markup)}")
    assert not looking.found, "\n".join(looking.found)
    assert looking.with_markup["push"] >= 40
    assert looking.with_markup["snapshot"] >= 80


def test_markup_on_a_page_is_only_text(served: Served, shop: StockedShop) -> None:
    looking, knowledge = Looking(), Knowledge()
    for number, payload in enumerate(PAYLOADS):
        spread(shop, payload, number)
    on_the_menu(PAYLOADS[9])
    orders = shop.orders[-8:]
    starts = [
        *(route.path for route in routes() if not route.parameters),
        *(f"/o/{order_token(order)}/" for order in orders),
        *(f"/manage/streams/order-{order.hex}/" for order in orders),
        f"/me/{customer_token(shop.customer)}/",
        "/no/such/page/",
    ]
    for role in (GUEST, CASHIER, OWNER):
        explore(knowledge, served, shop.browsers[role], [*starts], looking.at_page)
    for route in routes():
        if not route.path.startswith("/inspect/"):
            learn_fields(knowledge, served, shop.browsers[OWNER], route, 1)
            shop.log_in(OWNER)
            for attempt in reflections(route, knowledge):
                looking.at_page(f"{attempt}", page_of(served, shop, attempt))
    print(f"looked at, with markup in them: {dict(looking.with_markup)}")
    assert not looking.found, "\n".join(looking.found)
    assert looking.with_markup["page"] > 100


def reflections(route: Route, knowledge: Knowledge) -> Iterator[Attempt]:
    """Requests to a route with one payload after the other in every field, and in its headers."""
    payloads = cycle(PAYLOADS)
    parameters = {name: v[0].encode() for name, v in knowledge.parameters_of(route).items()}
    names = knowledge.fields_of(route)
    for method in knowledge.methods_of(route):
        is_form = method == "POST"
        for name in names:
            values = {n: knowledge.values_of(n)[0] for n in names} | {name: next(payloads)}
            fields = urlencode(values).encode()
            yield Attempt(
                role=OWNER,
                method=method,
                path=route.filled(parameters),
                query=b"" if is_form else fields,
                body=fields if is_form else b"",
                kind=FORM if is_form else b"",
                accept=b"text/html",
            )
        for name in parameters:
            path = route.filled({**parameters, name: next(payloads).encode()})
            yield Attempt(OWNER, method, path, b"", b"", FORM if is_form else b"", b"text/html")


def page_of(served: Served, shop: StockedShop, attempt: Attempt) -> str:
    """The page that comes back; "" for anything else."""
    response = send(served, shop, attempt)
    return response.text if response.kind == "text/html" else ""

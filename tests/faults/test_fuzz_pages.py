"""Every route with absurd requests, as everybody there is: never a 500, never a traceback.

`BARSTUCKS_FUZZ_REQUESTS` is how many requests are sent, about; without it a quick and repeatable
share of them. From 5,000 on, every absurd value is tried in every place of the shop's own routes,
and the combinations are new in each run; what is found is printed whole.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from api.document import example_of
from barstucks_site.api_pages import OPERATIONS
from orders.checkout.api import RequestedOrder
from projections.engine.models import ParkedEvent
from projections.live import snapshots
from projections.screens import LIVE_SCREENS
from staff.roles import ROLES
from tests.eventstore_fixture import RunningEventstore
from tests.faults.fuzz.attempts import REPEATED_ID, Attempt, attempts, sweep
from tests.faults.fuzz.knowledge import Knowledge, explore, learn_fields
from tests.faults.fuzz.routes import Route, routes
from tests.faults.fuzz.sending import send
from tests.faults.fuzz.served import Response, Served, serving
from tests.faults.fuzz.stocked_shop import (
    ANONYMOUS,
    GUEST,
    OWNER,
    StockedShop,
    put_back,
    stocked_shop,
)

pytestmark = [
    pytest.mark.django_db(databases=["default", "read_models"], transaction=True),
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="puts SQLite databases back"),
    pytest.mark.slow,
    pytest.mark.timeout(400),
]

REQUESTS = int(os.environ.get("BARSTUCKS_FUZZ_REQUESTS", "1200"))
REPEATABLE = "BARSTUCKS_FUZZ_REQUESTS" not in os.environ
EXHAUSTIVE = REQUESTS >= 5_000
INSPECTOR = "/inspect/"
WEIGHT = 8
"""The shop's own routes get so many times the requests of one of Django's admin."""

ORDER: dict[str, object] = {
    "command_id": REPEATED_ID,
    "items": [{"item": "caffe-latte", "size": "large", "options": {"oat-milk": 1}, "quantity": 2}],
    "name": "Carla",
    "note": "extra hot",
    "pay": "card",
    "allergies": ["nuts"],
    "pick_up": "here",
    "hide_name": True,
    "card_token": "demo-approve",
}
"""What `POST /api/orders/` takes, with every field."""

JSON_BODIES = {
    **{o.name: example_of(o) for o in OPERATIONS if o.method == "POST"},
    "api_orders": ORDER,
}
"""By the name of the route."""

ROLES_BY_WEIGHT = (ANONYMOUS, GUEST, *ROLES, *[OWNER] * 5)


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture
def shop(own_eventstore: RunningEventstore) -> Iterator[StockedShop]:
    with stocked_shop(own_eventstore.uri) as shop:
        yield shop


def learned(served: Served, shop: StockedShop) -> Knowledge:
    """What the site says about itself, to a guest and to its owner."""
    knowledge = Knowledge()
    starts = [route.path for route in routes() if not route.parameters]
    own = [path for path in starts if not path.startswith(INSPECTOR)]
    order = shop.orders[0].hex
    for_programs = (f"/api/orders/{order}/", f"/api/orders/{order}/facts/")
    for link in (*shop.links, *for_programs, f"/api/streams/order-{order}/"):
        knowledge.note_address(link)
    explore(knowledge, served, shop.browsers[GUEST], [*own, *shop.links])
    explore(knowledge, served, shop.browsers[OWNER], [*starts, *shop.links])
    return knowledge


def wrong(attempt: Attempt, response: Response) -> str:
    """What is wrong with a response; "" for nothing."""
    if response.defects:
        return response.defects[0]
    if response.status >= 500:
        return f"a {response.status} that nobody logged: {response.text[:500]}"
    if response.body and not response.kind:
        return f"{response.status} without a Content-Type"
    is_problem = response.kind == "application/problem+json"
    if attempt.wants_json and response.status >= 400 and not is_problem:
        return f"{response.status} as {response.kind} for a program"
    return ""


def test_the_json_example_has_every_field() -> None:
    assert set(ORDER) == set(RequestedOrder.__struct_fields__)


def test_no_request_breaks_a_page(served: Served, shop: StockedShop) -> None:
    run = Run(served, shop, learned(served, shop))
    own = [route for route in routes() if not route.path.startswith(INSPECTOR)]
    inspector = [route for route in routes() if route.path.startswith(INSPECTOR)]
    share = REQUESTS / (WEIGHT * len(own) + len(inspector))
    for route in own:
        run.fuzz(route, round(share * WEIGHT))
        shop.project()
    for route in inspector:
        with put_back():
            run.fuzz(route, round(share))
    print(run.figures())
    assert not run.found, f"{len(run.found)} defects:\n\n" + "\n\n".join(run.found.values())
    assert [str(route) for route in routes() if not reached(run.statuses[route])] == []
    assert ParkedEvent.objects.count() == 1
    for view in LIVE_SCREENS:
        key = f"{view}:{shop.orders[0].hex}" if view == "order" else view
        assert snapshots.snapshot(key)


def reached(statuses: Counter[int]) -> bool:
    """Whether anything came through to the view: a fuzzer that is always turned away is blind."""
    return any(status < 400 or status in (405, 409, 422) for status in statuses)


@dataclass
class Run:
    """One run of the fuzzer: what was answered by route, and every defect once."""

    served: Served
    shop: StockedShop
    knowledge: Knowledge
    statuses: dict[Route, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    found: dict[str, str] = field(default_factory=dict)

    def fuzz(self, route: Route, requests: int) -> None:
        """Learn what a route takes, then send it so many requests.

        Half of them with one absurd value each, the others as hypothesis combines them. What a
        request does depends on those before it: so a defect is noted, and no smaller one sought.
        """
        rounds = 1 if route.path.startswith(INSPECTOR) else 3
        learn_fields(self.knowledge, self.served, self.shop.browsers[OWNER], route, rounds)
        self.shop.log_in(OWNER)
        example = JSON_BODIES.get(route.name)
        swept = list(sweep(route, self.knowledge, OWNER, example))
        dice = Random(str(route) if REPEATABLE else None)
        most = len(swept) if EXHAUSTIVE and not route.path.startswith(INSPECTOR) else requests // 2
        for attempt in dice.sample(swept, min(len(swept), most)):
            self.send(route, attempt)

        @settings(
            max_examples=max(1, requests // 2),
            derandomize=REPEATABLE,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(attempts(route, self.knowledge, ROLES_BY_WEIGHT, example))
        def send_many(attempt: Attempt) -> None:
            self.send(route, attempt)

        send_many()

    def send(self, route: Route, attempt: Attempt) -> None:
        """Send one request, and note what is wrong with the answer."""
        response = send(self.served, self.shop, attempt)
        self.statuses[route][response.status] += 1
        defect = wrong(attempt, response)
        if defect:
            kind = f"{route} {defect.splitlines()[-1]}"
            self.found.setdefault(kind, f"{attempt}\n{response.status} {defect}")

    def figures(self) -> str:
        """How many requests there were, and how they were answered."""
        sent = sum(self.statuses.values(), Counter[int]())
        return f"{sent.total()} requests to {len(self.statuses)} routes: {sorted(sent.items())}"

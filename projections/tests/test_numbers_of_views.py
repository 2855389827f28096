"""Every commit that changes a screen raises that screen's number by one, without a gap."""

import json
from collections.abc import Sequence

import pytest

from orders.domain.events import (
    CoffeePrepared,
    CustomerRegistered,
    OrderNumbersReserved,
    OrderServed,
    PreparationStarted,
)
from projections.engine.sequences import Committed
from projections.live import push
from projections.live.snapshots import view_state
from projections.screens import PROJECTIONS
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import EVERY_VIEW, position, project, projector_of, start_anew
from projections.tests.shop_day import random_day
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


class Pushed(list[dict[str, int]]):
    """What was pushed: the numbers by view, commit by commit."""

    def __call__(self, screens: Sequence[Committed]) -> None:
        self.append({view: seq for change in screens for view, seq in change.seqs.items()})


def test_numbers_have_no_gaps_whatever_the_batches() -> None:
    log = random_day(11)
    pushed = Pushed()
    projector = projector_of(log, push=pushed)
    for start in range(0, len(log.events), 3):
        projector.handle(log.events[start : start + 3])
    seen: dict[str, int] = {}
    for numbers in pushed:
        for view, seq in numbers.items():
            assert seq == seen.get(view, 0) + 1
            seen[view] = seq
    assert {"barista-queue", "cashier-desk", "board", "sales"} <= set(seen)
    for view, seq in seen.items():
        assert view_state(view) == (1, seq)


def test_only_the_screens_that_show_the_order_move() -> None:
    log = InMemoryLog()
    pushed = Pushed()
    projector = projector_of(log, push=pushed)
    projector.handle(log.write(order_stream_number(1), ordered(1)))
    projector.handle(log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name="Helen")))
    (numbers,) = pushed
    assert {"barista-queue", "cashier-desk", "board", "sales", f"order:{order_hex(1)}"} <= set(
        numbers
    )
    assert set(numbers.values()) == {1}


def test_a_generation_that_nobody_sees_pushes_nothing() -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1))
    project(log, [log.events])
    assert view_state("board") == (1, 0), "nothing was pushed, so no number is needed"


def test_a_new_generation_counts_anew() -> None:
    log = InMemoryLog()
    projector_of(log, push=Pushed()).handle(log.write(order_stream_number(1), ordered(1)))
    start_anew()
    assert view_state("board") == (2, 0)


def test_an_event_of_no_interest_still_moves_the_position() -> None:
    log = InMemoryLog()
    pushed = Pushed()
    reserved = log.write(
        "ordernumbers-2026-05-04-0", OrderNumbersReserved(day="2026-05-04", first=1, last=20)
    )
    projector_of(log, push=pushed).handle(reserved)
    assert {position(projection.name) for projection in PROJECTIONS} == {log.head()}
    assert pushed == []


def test_a_push_holds_the_full_state_of_the_changed_rows() -> None:
    log = InMemoryLog()
    changes: list[Committed] = []
    projector = projector_of(log, push=changes.extend)
    stream = order_stream_number(1)
    projector.handle(log.write(stream, ordered(1, name="<b>Helen</b>")))
    first = push.message_of(changes, EVERY_VIEW)
    message = json.loads(first["frames"]["barista-queue"])
    assert (message["kind"], message["generation"], message["seq"]) == ("push", 1, 1)
    ticket = message["fragments"][0]
    assert (ticket["id"], ticket["slot"]) == (f"ticket-{order_hex(1)}", "queue")
    assert "001" in ticket["html"]
    assert "&lt;b&gt;Helen" in ticket["html"], "customers' text is escaped"
    for view in (f"order:{order_hex(1)}", "sales"):
        assert view in first["touched"], "drawn only where it is watched"

    changes.clear()
    projector.handle(log.write(stream, PreparationStarted(barista=""), CoffeePrepared(desk=1)))
    fragments = json.loads(push.message_of(changes, EVERY_VIEW)["frames"]["barista-queue"])[
        "fragments"
    ]
    assert [(fragment["id"][:4], fragment["html"] is None) for fragment in fragments] == [
        ("tick", True),
        ("done", False),
    ]
    changes.clear()
    projector.handle(log.write(stream, OrderServed()))
    entry = json.loads(push.message_of(changes, EVERY_VIEW)["frames"]["board"])["fragments"]
    assert entry == [{"id": f"entry-{order_hex(1)}", "html": None, "slot": "", "sort": ""}]


def test_a_commit_that_changes_very_much_is_shown_by_a_new_snapshot() -> None:
    log = InMemoryLog()
    changes: list[Committed] = []
    projector = projector_of(log, push=changes.extend)
    for number in range(1, 61):
        log.write(order_stream_number(number), ordered(number))
    projector.handle(log.events)
    message = push.message_of(changes, EVERY_VIEW)
    assert message["frames"] == {}
    assert "barista-queue" in message["touched"]


def test_a_template_that_fails_costs_a_snapshot_and_no_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = InMemoryLog()
    changes: list[Committed] = []
    projector = projector_of(log, push=changes.extend)
    projector.handle(log.write(order_stream_number(1), ordered(1)))

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("a template has a hole")

    monkeypatch.setattr("projections.screens.pickup_board.render_to_string", broken)
    message = push.message_of(changes, EVERY_VIEW)
    assert "board" not in message["frames"]
    assert "board" in message["touched"]

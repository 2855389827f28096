"""The article's events come in once, as they happened; a wrong file changes nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orders.command_handler import handle
from orders.domain import payment, preparation
from orders.domain.refused import AlreadyPaid, AlreadyReady
from orders.event_codec import decode
from orders.event_import.importer import ImportRefused, import_events
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import envelope

ARTICLE = (Path(__file__).parents[3] / "docs" / "article-events.json").read_text()
AS_PRINTED = """[
    {
        type: 'coffee ordered',
        event_number: 0,
        timestamp: '2019-06-23T10:56:14',
        payload: {
            order_number: '323',
            type: 'Iced Caffe Latte',
            size: 'regular',
            price: 5.2
        }
    },
    {
        type: 'coffee order payed',
        event_number: 1,
        timestamp: '2019-06-23T11:00:00',
        payload: {
            payment_method: 'credit card',
            ...
        }
    },
    {
        type: 'coffee prepared',
        event_number: 2,
        timestamp: '2019-06-23T11:03:00',
        payload: {
            serving-desk: 3
        }
    }
]"""


def test_the_article_s_three_events_become_one_order() -> None:
    log = LogInMemory()

    done = import_events(ARTICLE, log)

    facts = [decode(event) for event in log.events]
    assert (done.appended, done.already_there) == (3, 0)
    assert [fact.type_name for fact in facts if fact] == [
        "CoffeeOrdered",
        "OrderPaid",
        "CoffeePrepared",
    ]
    # 10:56:14 on the wall in Berlin, in summer.
    assert facts[0] is not None
    assert facts[0].occurred_at == datetime(2019, 6, 23, 8, 56, 14, tzinfo=UTC)
    assert {fact.actor for fact in facts if fact} == {"import"}


def test_the_article_s_own_notation_reads_the_same() -> None:
    json_log, printed_log = LogInMemory(), LogInMemory()

    import_events(ARTICLE, json_log)
    import_events(AS_PRINTED, printed_log)

    assert printed_log.events == json_log.events


def test_the_second_time_changes_nothing() -> None:
    log = LogInMemory()
    first = import_events(ARTICLE, log)

    again = import_events(ARTICLE, log)

    assert (again.stream, again.appended, again.already_there) == (first.stream, 0, 3)
    assert len(log.events) == 3


def test_what_an_earlier_import_did_not_have_yet_is_added() -> None:
    log = LogInMemory()
    import_events(json.dumps(json.loads(ARTICLE)[:2]), log)

    done = import_events(ARTICLE, log)

    assert (done.appended, done.already_there) == (1, 2)


def test_the_services_decide_on_imported_facts_as_on_their_own() -> None:
    log = LogInMemory()
    stream = import_events(ARTICLE, log).stream

    pay = payment.TakeCash(**envelope(), payment="p", given=600)
    take = preparation.StartPreparation(**envelope(), barista="staff-1")

    with pytest.raises(AlreadyPaid):
        handle(stream, pay, store=log)
    with pytest.raises(AlreadyReady):
        handle(stream, take, store=log)


def test_a_stream_may_be_named() -> None:
    named = "order-" + "0d" * 16

    assert import_events(ARTICLE, LogInMemory(), named).stream == named


@pytest.mark.parametrize("stream", ["order-323", "customer-" + "0d" * 16, "order-", "order"])
def test_a_stream_that_is_not_an_order_s_is_refused(stream: str) -> None:
    with pytest.raises(ImportRefused, match="is not the stream of an order"):
        import_events(ARTICLE, LogInMemory(), stream)


def test_a_stream_with_another_order_is_left_alone() -> None:
    log, named = LogInMemory(), "order-" + "0d" * 16
    import_events(ARTICLE.replace("10:56:14", "10:56:15"), log, named)

    with pytest.raises(ImportRefused, match=r"holds other|not the earlier"):
        import_events(ARTICLE, log, named)
    assert len(log.events) == 3


Entries = list[dict[str, Any]]


def _change(number: int, **change: Any) -> Callable[[Entries], None]:
    return lambda entries: entries[number].update(change)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_change(1, type="coffee spilled"), r"Entry 2 \(coffee spilled\): .* does not know"),
        (_change(1, type=7), "Entry 2 has no type"),
        (_change(2, timestamp="11 o'clock"), r"Entry 3 \(coffee prepared\): 11 o'clock is not"),
        (_change(2, timestamp="2019-06-23T10:00:00"), "Entry 3 .* before the entry above"),
        (_change(2, event_number=7), "Entry 3 .* should be 2"),
        (_change(0, payload={"order_number": "323"}), r"Entry 1 \(coffee ordered\)"),
        (_change(2, payload={"serving-desk": "window"}), r"Entry 3 \(coffee prepared\)"),
        (_change(1, payload=None), "Entry 2 .* a timestamp and a payload"),
        (_change(1, schema=5), r"Entry 2 \(coffee order payed\)"),
        (lambda entries: entries.pop(0), "Entry 1 .* should be 0"),
        (lambda entries: entries.__delitem__(slice(None)), "a list of events"),
        (lambda entries: entries.insert(1, 7), "Entry 2 is not an event"),
    ],
)
def test_a_file_that_is_not_right_is_refused_and_nothing_is_appended(
    spoil: Callable[[Entries], None], says: str
) -> None:
    entries = json.loads(ARTICLE)
    spoil(entries)
    log = LogInMemory()

    with pytest.raises(ImportRefused, match=says):
        import_events(json.dumps(entries), log)
    assert not log.events


@pytest.mark.parametrize("text", ["", "{", "[{type: }]", "[@]", "{}", "'", "[[]]", "42"])
def test_what_is_not_a_list_of_events_is_refused(text: str) -> None:
    with pytest.raises(ImportRefused):
        import_events(text, LogInMemory())

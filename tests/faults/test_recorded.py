"""The audit reads every event of the log, however many pages that takes."""

import pytest

from orders.event_store.client_library import EventStoreDBClient, NewEvent, StreamState
from tests.eventstore_fixture import running_eventstore
from tests.faults import recorded

FACTS = 7


@pytest.mark.parametrize("page", [3, FACTS, FACTS + 1])
def test_every_event_is_read_once_and_in_order(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "PAGE", page)
    with running_eventstore() as log, EventStoreDBClient(log.uri) as client:
        assert recorded.read_log(log.uri) == []
        for number in range(FACTS):
            facts = [NewEvent(type=f"Fact{number}{part}", data=b"{}") for part in "ab"]
            client.append_to_stream(
                f"order-{number}", current_version=StreamState.NO_STREAM, events=facts
            )
        log_read = recorded.read_log(log.uri)
    expected = [f"Fact{number}{part}" for number in range(FACTS) for part in "ab"]
    assert [event.type_name for event in log_read] == expected

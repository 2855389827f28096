"""The server does what the model says, asked by a real client, and still does after a restart."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    FailedPrecondition,
    NewEvent,
    NotFound,
    StreamIsDeleted,
    StreamState,
    WrongCurrentVersion,
)
from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Delete,
    Operation,
    Outcome,
    ProposedEvent,
    StreamIsGone,
    Tombstone,
    Written,
    WrongVersion,
)
from embedded_eventstore.tests.model import ModelStream
from embedded_eventstore.tests.server_process import ServerProcess, free_port

IDS = tuple(bytes([number]) * 16 for number in range(1, 6))
EXPECTED = {
    ANY: StreamState.ANY,
    NO_STREAM: StreamState.NO_STREAM,
    STREAM_EXISTS: StreamState.EXISTS,
}


@dataclass(frozen=True)
class Describe:
    """Set a stream's metadata."""

    stream: str
    metadata: dict[str, int]


Step = Operation | Describe

streams = st.sampled_from(("1", "2"))
versions = st.sampled_from((ANY, ANY, NO_STREAM, STREAM_EXISTS, 0, 1, 2, 3))
batches = st.lists(st.sampled_from(IDS), min_size=1, max_size=3)
appends = st.builds(
    lambda stream, expected, ids: Append(stream, expected, tuple(map(an_event, ids))),
    streams,
    versions,
    batches,
)
steps: st.SearchStrategy[Step] = st.one_of(
    appends,
    appends,
    st.builds(Delete, streams, versions),
    st.builds(Tombstone, streams, st.sampled_from((STREAM_EXISTS, 3))),
    st.builds(
        Describe,
        streams,
        st.dictionaries(st.sampled_from(("$maxCount", "$tb")), st.integers(1, 3), max_size=2),
    ),
)


def an_event(event_id: bytes) -> ProposedEvent:
    return ProposedEvent(event_id, "T", True, b"", b"{}")


class World:
    """A server and a model of all that was ever done to it."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.server = ServerProcess(data, self.port)
        self.client = EventStoreDBClient(self.server.uri)
        self.models: dict[str, ModelStream] = {}
        self.positions: dict[tuple[str, int], int] = {}

    def restart(self) -> None:
        self.client.close()
        with self.server:
            self.server.kill()
        self.server = ServerProcess(self.data, self.port)
        self.client = EventStoreDBClient(self.server.uri)

    def close(self) -> None:
        self.client.close()
        with self.server:
            self.server.stop()

    def do(self, step: Step, category: str, *, alone: bool) -> None:
        name = f"{category}-{step.stream}"
        model = self.models.setdefault(name, ModelStream())
        match step:
            case Describe(_, metadata):
                self.client.set_stream_metadata(name, metadata=metadata)
                model.describe(metadata)
            case Append(_, expected, proposed):
                ids = [event.event_id for event in proposed]
                is_repeat = model.is_repeat(expected, ids)
                outcome, position = self._append(name, expected, ids, alone=alone)
                assert outcome is model.take(step), step
                if outcome is Written and not is_repeat:
                    self.positions[name, model.last] = position
                elif is_repeat and expected >= 0 and (name, expected + len(ids)) in self.positions:
                    assert position == self.positions[name, expected + len(ids)]
            case Delete(_, expected) | Tombstone(_, expected):
                assert self._remove(name, step, expected) is model.take(step), step

    def _append(
        self, name: str, expected: int, ids: list[bytes], *, alone: bool
    ) -> tuple[type[Outcome], int]:
        events = [NewEvent(type="T", data=b"{}", id=uuid.UUID(bytes=event_id)) for event_id in ids]
        version = EXPECTED.get(expected, expected)
        one = events[0] if alone and len(events) == 1 else events
        try:
            position = self.client.append_to_stream(name, current_version=version, events=one)
        except WrongCurrentVersion:
            return WrongVersion, -1
        except (StreamIsDeleted, FailedPrecondition):
            return StreamIsGone, -1
        return Written, position

    def _remove(self, name: str, step: Delete | Tombstone, expected: int) -> type[Outcome]:
        version = EXPECTED.get(expected, expected)
        remove = (
            self.client.delete_stream if isinstance(step, Delete) else self.client.tombstone_stream
        )
        try:
            remove(name, current_version=version)
        except (WrongCurrentVersion, NotFound):
            return WrongVersion
        except StreamIsDeleted:
            return StreamIsGone
        return Written

    def check(self, name: str) -> None:
        """Read a stream both ways, and its traces in ``$all``."""
        model = self.models[name]
        assert self._read(name, backwards=False) == model.readable(), name
        backwards = self._read(name, backwards=True)
        assert (backwards if isinstance(backwards, str) else backwards[::-1]) == model.readable()
        found = list(
            self.client.read_all(
                filter_include=[rf"(\$\$)?{name}$"], filter_by_stream_name=True, filter_exclude=()
            )
        )
        described = [event for event in found if event.stream_name == f"$${name}"]
        written = [event.id.bytes for event in found if event.stream_name == name]
        assert written[: len(model.ids)] == model.ids
        assert len(written) == len(model.ids) + model.tombstoned
        assert len(described) == model.metadata_events
        for event in found:
            known = self.positions.get((event.stream_name, event.stream_position))
            assert known in (None, event.commit_position)

    def _read(self, name: str, *, backwards: bool) -> list[int] | str:
        try:
            events = self.client.get_stream(name, backwards=backwards)
        except NotFound:
            return "not found"
        except StreamIsDeleted:
            return "tombstoned"
        return [event.stream_position for event in events]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    opened = World(tmp_path_factory.mktemp("world") / "log")
    yield opened
    opened.close()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=st.lists(steps, min_size=1, max_size=12), alone=st.booleans())
def test_every_response_and_every_read_is_as_the_model_says(
    world: World, asked: list[Step], alone: bool
) -> None:
    category = f"c{uuid.uuid4().hex}"
    for step in asked:
        world.do(step, category, alone=alone)

    for name in world.models:
        if name.startswith(category):
            world.check(name)


def test_after_a_kill_everything_is_still_as_the_model_says(world: World) -> None:
    some: list[Step] = [Append("1", NO_STREAM, (an_event(IDS[0]),)), Delete("1", 0)]
    for step in some:
        world.do(step, "at-least", alone=True)
    world.restart()

    for name in world.models:
        world.check(name)
    world.do(Append("1", NO_STREAM, (an_event(IDS[1]),)), "at-least", alone=True)
    world.check("at-least-1")

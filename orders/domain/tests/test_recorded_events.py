"""Every shape ever written stays readable.

`recorded_events/` holds one event of each type in each version, as it was written. What was written
is never edited: a changed event class needs a new version, an upcaster, a new file and a new line
in `shapes.json`. Only `reads_as` follows: what an event of an old version reads as today.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orders.domain.event import EventType, published_types, type_named
from orders.domain.tests.payloads import from_plain, shape_of, to_plain
from orders.domain.upcasters import old_shapes, upcast

RECORDED = Path(__file__).parent / "recorded_events"
GOLDEN = sorted(RECORDED.glob("*.v*.json"))
SHAPES = json.loads((RECORDED / "shapes.json").read_text())


def golden(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def read(recorded: dict[str, Any]) -> tuple[EventType, Any]:
    name, payload = upcast(
        recorded["type"],
        recorded["schema"],
        recorded["payload"],
        occurred_at=datetime.fromisoformat(recorded["occurred_at"]),
    )
    event_type = type_named(name)
    assert event_type is not None
    return event_type, from_plain(event_type.event_class, payload)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_was_written_in_any_version_reads_as_an_event_of_today(path: Path) -> None:
    recorded = golden(path)

    event_type, event = read(recorded)

    assert path.name == f"{event_type.name}.v{recorded['schema']}.json"
    assert to_plain(event) == recorded.get("reads_as", recorded["payload"])


@pytest.mark.parametrize("event_type", published_types(), ids=lambda event_type: event_type.name)
def test_every_published_type_has_a_recorded_event_of_each_of_its_versions(
    event_type: EventType,
) -> None:
    for version in range(1, event_type.version + 1):
        assert (RECORDED / f"{event_type.name}.v{version}.json").exists()


def test_every_old_shape_has_a_recorded_event() -> None:
    recorded = {(golden(path)["type"], golden(path)["schema"]) for path in GOLDEN}

    assert old_shapes() <= recorded


@pytest.mark.parametrize("event_type", published_types(), ids=lambda event_type: event_type.name)
def test_a_changed_event_class_needs_a_new_version(event_type: EventType) -> None:
    shape = SHAPES.get(f"{event_type.name} v{event_type.version}")

    assert shape == shape_of(event_type.event_class), (
        f"{event_type.name} has another shape than the version {event_type.version} that is "
        "written in the log: give it a new version, an upcaster and a recorded event."
    )


def test_names_of_classes_are_nobodys_business() -> None:
    classes = [event_type.event_class for event_type in published_types()]
    names = [event_class.__name__ for event_class in classes]
    try:
        for event_class in classes:
            event_class.__name__ = "Renamed"
        found = [read(golden(path))[0].name for path in GOLDEN]
    finally:
        for event_class, name in zip(classes, names, strict=True):
            event_class.__name__ = name

    assert found == [path.name.split(".")[0] for path in GOLDEN]

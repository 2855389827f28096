"""What is written can be read, personal fields only with their key, and old shapes for ever."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from orders.domain.command import Command
from orders.domain.event import FORGOTTEN, Event, type_of
from orders.domain.events import CoffeeOrdered, CustomerRegistered, LinePrepared
from orders.domain.refused import AlreadyForgotten
from orders.event_codec import Undecodable, decode, encode, export, forget
from orders.event_store import NewStoredEvent, StoredEvent
from orders.personal_data import KeyRing
from orders.tests.log_in_memory import RECORDED_AT
from orders.tests.shop_cast import CARLA, LATTE, NOON, envelope

CANARY = "Xylophanes Quetzalcoatl"
RECORDED = Path(__file__).parent.parent / "domain" / "tests" / "recorded_events"
STREAM = "order-" + "0a" * 16
DEEP = b"[" * 50_000 + b"]" * 50_000 + b"}"


def ordered(name: str = CANARY) -> CoffeeOrdered:
    return CoffeeOrdered(
        number=41,
        day="2026-05-04",
        customer=CARLA.hex,
        name=name,
        note=f"for {name}" if name else "",
        lines=(LATTE,),
        currency="EUR",
        promised_seconds=240,
    )


def written(event: Event, **more: Any) -> NewStoredEvent:
    return encode(event, command=Command(**envelope()), index=0, **more)


def stored(new: NewStoredEvent) -> StoredEvent:
    return StoredEvent(
        event_id=new.event_id,
        type_name=new.type_name,
        data=new.data,
        metadata=new.metadata,
        stream=STREAM,
        revision=0,
        position=100,
        recorded_at=RECORDED_AT,
    )


@pytest.mark.django_db
def test_an_event_reads_back_as_it_was_written() -> None:
    keys = KeyRing()

    fact = decode(stored(written(ordered(), keys=keys)), keys)

    assert fact is not None
    assert fact.event == ordered()
    assert (fact.occurred_at, fact.recorded_at) == (NOON, RECORDED_AT)
    assert (fact.actor, fact.type_name) == ("staff-1", "CoffeeOrdered")
    assert fact.schema == type_of(CoffeeOrdered).version


def test_the_same_command_writes_the_same_ids_and_another_index_another() -> None:
    command = Command(**envelope())

    def id_of(index: int) -> object:
        event = LinePrepared(line=1)
        return encode(event, command=command, index=index).event_id

    assert id_of(0) == id_of(0)
    assert id_of(0) != id_of(1)


def test_two_appends_of_one_command_have_ids_of_their_own() -> None:
    command, event, append_id = Command(**envelope()), LinePrepared(line=1), uuid4()

    def id_of(append_id: UUID, index: int) -> UUID:
        return encode(event, command=command, index=index, append_id=append_id).event_id

    assert id_of(append_id, 0) == id_of(append_id, 0)
    assert len({id_of(append_id, 0), id_of(append_id, 1), id_of(uuid4(), 0)}) == 3


def test_correlation_and_causation_are_those_given_or_the_command() -> None:
    command = Command(**envelope())
    plain = encode(LinePrepared(line=1), command=command, index=0)
    given = encode(
        LinePrepared(line=1),
        command=replace(command, correlation_id="click", causation_id="fact"),
        index=0,
    )

    alone, caused = decode(stored(plain)), decode(stored(given))

    assert alone is not None
    assert caused is not None
    assert alone.correlation_id == alone.causation_id == str(command.command_id)
    assert (caused.correlation_id, caused.causation_id) == ("click", "fact")


@pytest.mark.django_db
def test_no_personal_word_is_in_the_stored_bytes() -> None:
    new = written(ordered())

    for word in CANARY.split():
        assert word.encode() not in new.data + new.metadata


def test_an_empty_personal_field_needs_no_key() -> None:
    fact = decode(stored(written(ordered(name=""))))

    assert fact is not None
    assert fact.event == ordered(name="")


@pytest.mark.django_db
def test_without_the_keys_a_personal_field_reads_as_forgotten() -> None:
    fact = decode(stored(written(ordered())))

    assert fact is not None
    assert isinstance(fact.event, CoffeeOrdered)
    assert (fact.event.name, fact.event.note) == (FORGOTTEN, FORGOTTEN)


@pytest.mark.django_db
def test_after_forgetting_the_facts_stay_and_the_person_is_gone() -> None:
    keys = KeyRing()
    new = written(ordered(), keys=keys)

    forget(CARLA.hex, keys)

    fact = decode(stored(new), keys)
    assert fact is not None
    assert fact.event == replace(ordered(), name=FORGOTTEN, note=FORGOTTEN)


@pytest.mark.django_db
def test_a_forgotten_customer_gets_no_new_key() -> None:
    keys = KeyRing()
    forget(CARLA.hex, keys)
    forget(CARLA.hex, keys)

    with pytest.raises(AlreadyForgotten):
        written(ordered(), keys=keys)


@pytest.mark.django_db
def test_a_field_moved_to_another_event_cannot_be_read_there() -> None:
    keys = KeyRing()
    moved = replace(stored(written(ordered(), keys=keys)), event_id=uuid4())

    fact = decode(moved, keys)

    assert fact is not None
    assert isinstance(fact.event, CoffeeOrdered)
    assert fact.event.name == FORGOTTEN


@pytest.mark.django_db
def test_the_export_is_readable_and_plain() -> None:
    keys = KeyRing()
    registered = CustomerRegistered(customer=CARLA.hex, name=CANARY)

    fact = decode(stored(written(registered, keys=keys)), keys)
    assert fact is not None

    exported = export([fact])

    assert exported[0]["what"] == "CustomerRegistered"
    assert exported[0]["facts"] == {"customer": CARLA.hex, "name": CANARY}
    assert json.loads(json.dumps(exported)) == exported


def test_a_type_that_nobody_knows_reads_as_none() -> None:
    assert decode(replace(stored(written(LinePrepared(line=1))), type_name="MugWashed")) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"data": b"not json"},
        {"data": b"[]"},
        {"data": b"{}"},
        {"data": b'{"line": "one"}'},
        {"data": b'{"line": ' + DEEP},
        {"metadata": b"{"},
        {"metadata": b'{"actor": "\xff"}'},
        {"metadata": b'{"origin": ' + DEEP},
        {"metadata": b'{"schema": 2}'},
        {"metadata": b'{"schema": 1, "occurred_at": "2026-05-04T12:00:00"}'},
        {"metadata": b'{"schema": 1, "occurred_at": "noon"}'},
        {"metadata": b'{"schema": 1, "occurred_at": "0001-01-01T00:00:00+14:00"}'},
        {"metadata": b'{"schema": "new"}'},
        {"metadata": b'{"schema": 1, "command_id": "none"}'},
    ],
)
def test_broken_bytes_are_named_and_not_guessed(broken: dict[str, bytes]) -> None:
    event = replace(stored(written(LinePrepared(line=1))), **broken)  # type: ignore[arg-type]

    with pytest.raises(Undecodable, match=r"Event 0 of order-0a.*LinePrepared"):
        decode(event)


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.v*.json")), ids=lambda path: path.stem)
def test_every_shape_ever_written_decodes(path: Path) -> None:
    recorded = json.loads(path.read_text())
    new = NewStoredEvent(
        event_id=uuid4(),
        type_name=recorded["type"],
        data=json.dumps(recorded["payload"]).encode(),
        metadata=json.dumps(
            {"schema": recorded["schema"], "occurred_at": recorded["occurred_at"]}
        ).encode(),
    )

    fact = decode(stored(new))

    assert fact is not None
    plain = json.loads(msgspec.json.encode(fact.event))
    assert plain == recorded.get("reads_as", recorded["payload"])


def test_an_event_without_any_envelope_is_the_article_s_version_0() -> None:
    new = NewStoredEvent(
        event_id=uuid4(), type_name="coffee prepared", data=b'{"serving-desk": 3}', metadata=b""
    )

    fact = decode(stored(new))

    assert fact is not None
    assert (fact.type_name, fact.schema, fact.actor) == ("CoffeePrepared", 0, "import")
    assert fact.occurred_at == RECORDED_AT

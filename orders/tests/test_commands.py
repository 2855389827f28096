"""The commands of the write side, as typed in a shell; and the reactor's place in its table."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from orders import event_store as event_store_module
from orders.event_store import EventStore, Place
from orders.reactions.checkpoint import ReactorCheckpoint, StoredCheckpoint

ARTICLE = Path(__file__).parents[2] / "docs" / "article-events.json"


@pytest.fixture
def shared_log(store: EventStore, settings: Settings, eventstore_uri: str) -> EventStore:
    settings.EVENTSTORE_URI = eventstore_uri
    event_store_module.event_store.cache_clear()
    return store


def test_the_article_is_imported_once(
    shared_log: EventStore, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = f"order-{uuid4().hex}"

    call_command("import_events", str(ARTICLE), stream=stream)
    assert capsys.readouterr().out == f"3 events appended to {stream}; 0 already there\n"
    call_command("import_events", str(ARTICLE), stream=stream)
    assert capsys.readouterr().out == f"0 events appended to {stream}; 3 already there\n"

    assert len(shared_log.read_stream(stream)) == 3
    event_store_module.event_store().close()
    event_store_module.event_store.cache_clear()


def test_a_wrong_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_events", str(file))

    file.write_text('[{"type": "coffee spilled", "timestamp": "2019-06-23", "payload": {}}]')
    with pytest.raises(CommandError, match=r"Entry 1 \(coffee spilled\).*Nothing was appended"):
        call_command("import_events", str(file))


@pytest.mark.django_db
def test_the_reactor_s_place_is_kept_and_never_goes_back() -> None:
    assert StoredCheckpoint().load() is None

    for position in (300, 500, 400):
        StoredCheckpoint().save(Place(position, UUID(int=position)))

    assert StoredCheckpoint().load() == (500, UUID(int=500))
    assert ReactorCheckpoint.objects.count() == 1

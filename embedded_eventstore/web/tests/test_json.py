"""Streams, events and statistics as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from embedded_eventstore.client_library import EventStoreDBClient, NewEvent, StreamState
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.web.tests.web_client import WebClient


@pytest.fixture
def client(open_server: ServerProcess) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(open_server.uri) as connected:
        yield connected


@pytest.fixture
def stream() -> str:
    return f"order-{uuid4().hex}"


def append(client: EventStoreDBClient, stream: str, *events: NewEvent) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events)


def numbered(count: int) -> list[NewEvent]:
    return [given.an_event(data=json.dumps({"number": n}).encode()) for n in range(count)]


def test_a_stream_is_shown_newest_first(
    web: WebClient, client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, *numbered(3))

    feed = web.get(f"/streams/{stream}").json

    assert [entry["title"] for entry in feed["entries"]] == [
        f"{number}@{stream}" for number in (2, 1, 0)
    ]
    assert feed["entries"][0]["data"] == {"number": 2}
    assert feed["headOfStream"]


def test_one_event_is_shown(web: WebClient, client: EventStoreDBClient, stream: str) -> None:
    event = NewEvent(type="CoffeeOrdered", data=b'{"price": 5.2}', metadata=b'{"actor": "Ada"}')
    append(client, stream, event)

    shown = web.get(f"/streams/{stream}/0").json

    assert shown["eventId"] == str(event.id)
    assert (shown["eventType"], shown["eventNumber"]) == ("CoffeeOrdered", 0)
    assert (shown["data"], shown["metaData"]) == ({"price": 5.2}, {"actor": "Ada"})
    assert web.get(f"/streams/{stream}/head").json == shown


@pytest.mark.parametrize(("start", "relation"), [("", "next"), ("/0/forward/20", "previous")])
def test_following_the_links_shows_every_event_once(
    web: WebClient, client: EventStoreDBClient, stream: str, start: str, relation: str
) -> None:
    append(client, stream, *numbered(95))

    seen: list[int] = []
    address: str | None = f"/streams/{stream}{start}"
    while address:
        feed = web.get(address).json
        page = [entry["eventNumber"] for entry in feed["entries"]]
        seen += page if relation == "next" else page[::-1]
        links = {link["relation"]: link["uri"] for link in feed["links"]}
        address = links.get(relation)

    assert sorted(seen) == list(range(95))
    assert seen == sorted(seen, reverse=relation == "next")


def test_everything_is_one_stream_both_ways(
    web: WebClient, client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, *numbered(30))
    position = client.get_commit_position()

    backwards = web.get("/streams/$all").json
    entries = backwards["entries"]
    older = {link["relation"]: link["uri"] for link in backwards["links"]}["next"]
    newest = web.get(f"/streams/$all/{position}").json

    assert [entry["eventNumber"] for entry in entries] == list(range(29, 9, -1))
    assert [e["eventNumber"] for e in web.get(older).json["entries"]][:10] == list(range(9, -1, -1))
    assert newest["title"] == f"29@{stream}"
    assert web.get(f"/streams/$all/{position}/forward/1").json["entries"][0] == entries[0]


def test_a_link_is_followed_and_says_where_it_stands(
    web: WebClient, client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, *numbered(2))
    links = [NewEvent(type="$>", data=f"{n}@{stream}".encode()) for n in (1, 7)]
    append(client, f"links-{stream}", *links)

    dangling, followed = web.get(f"/streams/links-{stream}").json["entries"]

    assert (followed["title"], followed["data"]) == (f"1@{stream}", {"number": 1})
    assert (followed["positionStreamId"], followed["positionEventNumber"]) == (f"links-{stream}", 0)
    assert (dangling["eventType"], dangling["title"]) == ("$>", f"1@links-{stream}")
    in_all = web.get("/streams/$all").json["entries"][:2]
    assert [entry["eventType"] for entry in in_all] == ["$>", "$>"]


@pytest.mark.parametrize("name", ["a/b", "ü mlaut?#%", "..", "<b>&", "a\nb", "x" * 4000])
def test_any_name_has_an_address(web: WebClient, client: EventStoreDBClient, name: str) -> None:
    stream = f"{name}-{uuid4().hex}"
    append(client, stream, given.an_event())

    response = web.get(f"/streams/{quote(stream, safe='')}")

    assert response.json["streamId"] == stream
    assert web.get(response.json["entries"][0]["id"]).json["streamId"] == stream


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"not json", "bm90IGpzb24="),
        (b'{"a": NaN}', "eyJhIjogTmFOfQ=="),
        (b"[" * 50_000, None),
        (b"9" * 5000, None),
        (b'"\\ud800"', "\ud800"),
        (b"", None),
    ],
    ids=["no JSON", "not a number", "deep", "long number", "half a surrogate", "empty"],
)
def test_data_that_is_no_proper_json_spoils_nothing(
    web: WebClient, client: EventStoreDBClient, stream: str, data: bytes, shown: object
) -> None:
    append(client, stream, NewEvent(type="T", data=data))

    found = web.get(f"/streams/{stream}/0").json["data"]

    assert found == shown if shown or not data else isinstance(found, str)
    assert web.get(f"/web/streams/{stream}/0").status == 200


def test_a_page_of_large_events_is_cut_and_goes_on(
    web: WebClient, client: EventStoreDBClient, stream: str
) -> None:
    for _ in range(4):
        append(client, stream, given.an_event(data=b'{"x":"%s"}' % (b"y" * 900_000)))
    append(client, f"links-{stream}", *(NewEvent("$>", f"{n}@{stream}".encode()) for n in range(4)))

    for name in (stream, f"links-{stream}"):
        seen = []
        address = f"/streams/{name}"
        while address:
            response = web.get(address)
            assert len(response.body) < 3_000_000
            seen += [entry["eventNumber"] for entry in response.json["entries"]]
            links = {link["relation"]: link["uri"] for link in response.json["links"]}
            address = links.get("next", "")
        assert seen == [3, 2, 1, 0]


@pytest.mark.parametrize(
    "path",
    [
        *("/streams/nobody", "/streams/nobody/0", "/streams/", "/nothing", "/streams/a/b/c/d/e"),
        *("/streams/x/-1", "/streams/x/1e3", f"/streams/x/{'9' * 30}", "/streams/x/0/sideways/2"),
    ],
)
def test_what_is_not_there_is_not_found_in_json(web: WebClient, path: str) -> None:
    response = web.get(path)

    assert (response.status, response.json["status"]) == (404, 404)


def test_a_stream_deleted_for_ever_is_gone(
    web: WebClient, client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, given.an_event())
    client.tombstone_stream(stream, current_version=StreamState.ANY)

    assert web.get(f"/streams/{stream}").status == 410
    assert web.get(f"/web/streams/{stream}").status == 410


def test_statistics_count_what_happens(web: WebClient, client: EventStoreDBClient) -> None:
    before = web.get("/stats").json["es"]
    append(client, f"order-{uuid4().hex}", *numbered(7))
    client.get_commit_position()
    after = web.get("/stats").json["es"]

    assert after["events"]["writtenTotal"] - before["events"]["writtenTotal"] >= 7
    assert after["events"]["sentTotal"] > before["events"]["sentTotal"]
    assert after["writer"]["flushes"] > before["writer"]["flushes"]
    assert after["writer"]["maxFlushDelayMs"] > 0
    assert after["log"]["databaseBytes"] > 0


def test_gossip_names_the_leader_and_info_the_version(
    web: WebClient, open_server: ServerProcess
) -> None:
    (member,) = web.get("/gossip").json["members"]

    assert (member["state"], member["httpEndPointPort"]) == ("Leader", open_server.port)
    assert web.get("/info").json["esVersion"] == "24.10.0"
    assert web.get("/health/live").status == 204


@pytest.mark.parametrize("option", [(), ("--start-standard-projections",)], ids=["off", "on"])
def test_info_says_what_there_is(tmp_path: Path, option: tuple[str, ...]) -> None:
    with ServerProcess(tmp_path / "log", 0, "--http-port", "0", *option) as server:
        assert WebClient.of(server).get("/info").json["features"] == {
            "projections": bool(option),
            "userManagement": False,
            "atomPub": False,
        }

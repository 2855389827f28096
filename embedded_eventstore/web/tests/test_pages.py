"""The web page, and that what people wrote does no harm in it."""

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote
from uuid import uuid4

import pytest

from embedded_eventstore.client_library import EventStoreDBClient, NewEvent, StreamState
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.web import dashboard
from embedded_eventstore.web.markup import Markup, render, together
from embedded_eventstore.web.tests.web_client import WebClient

HARM = "<script>alert(1)</script>\"'&"


@pytest.fixture
def client(open_server: ServerProcess) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(open_server.uri) as connected:
        yield connected


def append(client: EventStoreDBClient, stream: str, *events: NewEvent) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events)


def test_the_root_leads_to_the_dashboard(web: WebClient) -> None:
    for path in ("/", "/web", "/web/index.html"):
        response = web.get(path)
        assert (response.status, response.headers["location"]) == (302, "/web/")

    page = web.get("/web/").text
    for words in ("Dashboard", "last position", "Commit", "Live subscriptions", "Insecure"):
        assert words in page
    assert 'http-equiv="refresh"' in page
    assert 'http-equiv="refresh"' not in web.get("/web/?paused=").text


def test_the_browser_shows_new_and_changed_streams(
    web: WebClient, client: EventStoreDBClient
) -> None:
    first, second = f"order-{uuid4().hex}", f"order-{uuid4().hex}"
    for stream in (first, second, first):
        append(client, stream, given.an_event())

    changed, _, created = web.get("/web/streams").text.partition("Recently created")

    assert changed.index(first) < changed.index(second)
    assert created.index(second) < created.index(first)


def test_a_name_typed_in_leads_to_its_stream(web: WebClient) -> None:
    response = web.get("/web/streams?name=order%2F1%0D%0AX-Bad%3A+1")

    assert response.headers["location"] == "/web/streams/order%2F1%0D%0AX-Bad%3A%201"
    assert "x-bad" not in response.headers


def test_a_stream_can_be_paged_by_links(web: WebClient, client: EventStoreDBClient) -> None:
    stream = f"order-{uuid4().hex}"
    append(client, stream, *given.events(45))

    path, seen = f"/web/streams/{stream}", []
    while path:
        page = web.get(path).text
        seen += [int(n) for n in re.findall(r'class="number">(\d+)<', page)]
        found = re.search(r'href="([^"]+)">Older', page)
        path = found[1] if found else ""

    assert seen == list(range(44, -1, -1))


@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream"])
def test_what_people_wrote_does_no_harm(
    web: WebClient,
    client: EventStoreDBClient,
    content_type: Literal["application/json", "application/octet-stream"],
) -> None:
    stream = f"{HARM}/{uuid4().hex}"
    event = NewEvent(
        type=HARM, data=HARM.encode(), metadata=HARM.encode(), content_type=content_type
    )
    append(client, stream, event)
    name = quote(stream, safe="")

    for path in (
        f"/web/streams/{name}",
        f"/web/streams/{name}/0",
        "/web/streams/$all",
        "/web/streams",
        f"/web/streams/{name}none",
    ):
        page = web.get(path).text
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_templates_escape_all_but_markup() -> None:
    item = render("item", href='x"y', text="<b>")

    assert item.strip() == '<li><a href="x&quot;y">&lt;b&gt;</a></li>'
    assert isinstance(item, Markup)
    assert item in render("streams", created=together([item]), changed="")


def test_large_data_is_cut_off_on_the_page(web: WebClient, client: EventStoreDBClient) -> None:
    stream = f"order-{uuid4().hex}"
    append(client, stream, given.an_event(data=b'{"x":"%s"}' % (b"y" * 900_000)))

    page = web.get(f"/web/streams/{stream}/0").text

    assert "cut off" in page
    assert len(page) < 100_000


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 1024**2, "5.0 MiB"), (2**41, "2.0 TiB")],
)
def test_sizes_are_for_people(count: int, shown: str) -> None:
    assert dashboard.size(count) == shown

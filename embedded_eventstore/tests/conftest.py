"""One server for all conformance tests; each test writes to streams of its own."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from embedded_eventstore.client_library import AsyncEventStoreDBClient, EventStoreDBClient
from embedded_eventstore.tests.server_process import ServerProcess

CLUSTER_URI = "EVENTSTORE_CONFORMANCE_URI"
"""Names a real Eventstore which must pass the same tests."""


@pytest.fixture(scope="session")
def embedded_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ServerProcess(tmp_path_factory.mktemp("eventstore") / "log") as server:
        yield server.uri


@pytest.fixture(scope="session")
def closed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with TLS, passwords and access rights."""
    with ServerProcess(tmp_path_factory.mktemp("closed") / "log", closed=True) as server:
        yield server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run conformance tests against every kind of server that must pass them."""
    if "uri" in metafunc.fixturenames:
        kinds = ["embedded"]
        if metafunc.definition.get_closest_marker("closed_too"):
            kinds.append("closed")
        differs = metafunc.definition.get_closest_marker("differs")
        if CLUSTER_URI in os.environ and not differs:
            kinds.append("cluster")
        metafunc.parametrize("uri", kinds, indirect=True)


@pytest.fixture
def uri(request: pytest.FixtureRequest) -> str:
    match request.param:
        case "cluster":
            return os.environ[CLUSTER_URI]
        case "closed":
            server: ServerProcess = request.getfixturevalue("closed_server")
            return server.uri_for("admin")  # who may delete streams
        case _:
            embedded: str = request.getfixturevalue("embedded_uri")
            return embedded


@pytest.fixture
def client(uri: str) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(uri) as connected:
        yield connected


@pytest.fixture
async def asyncio_client(uri: str) -> AsyncIterator[AsyncEventStoreDBClient]:
    connected = AsyncEventStoreDBClient(uri)
    await connected.connect()
    yield connected
    await connected.close()


@pytest.fixture
def category() -> str:
    """A word that no other test's streams begin with."""
    return f"test{uuid.uuid4().hex}"


@pytest.fixture
def stream(category: str) -> str:
    return f"{category}-1"

"""Two servers with a web page: one open to all, one that asks."""

from collections.abc import Iterator

import pytest

from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.web.tests.web_client import WebClient


@pytest.fixture(scope="session")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("web") / "log", 0, "--http-port", "0") as server:
        yield server


@pytest.fixture(scope="session")
def secured_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("closed-web") / "log"
    with ServerProcess(data, 0, "--http-port", "0", closed=True) as server:
        yield server


@pytest.fixture(scope="session")
def web(open_server: ServerProcess) -> WebClient:
    return WebClient.of(open_server)


@pytest.fixture(scope="session")
def secured_web(secured_server: ServerProcess) -> WebClient:
    return WebClient.of(secured_server)

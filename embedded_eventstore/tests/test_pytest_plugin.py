"""The fixture for the tests of other programs: fresh servers, quickly, and gone at the end."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded_eventstore.client_library import EventStoreDBClient, ServiceUnavailable, StreamState
from embedded_eventstore.fresh_servers import FreshServers, NoFreshServerError
from embedded_eventstore.tests import given
from embedded_eventstore.tests.readme import program_runs, programs
from embedded_eventstore.tests.server_process import REPOSITORY


@pytest.fixture(scope="module")
def servers() -> Iterator[FreshServers]:
    made = FreshServers()
    yield made
    made.end()


@pytest.mark.locked_client
def test_the_readme_tests_somebodys_program_in_ten_lines(tmp_path: Path) -> None:
    lines = [line for line in programs()["test_barista.py"].splitlines() if line.strip()]
    assert len(lines) <= 10

    program_runs(tmp_path, package=REPOSITORY)


def test_each_server_is_empty_whatever_was_written_to_another(servers: FreshServers) -> None:
    for _ in range(2):
        server = servers.open()
        with EventStoreDBClient(server.connection_string) as client:
            client.append_event(
                "s-1", current_version=StreamState.NO_STREAM, event=given.an_event()
            )
        servers.close(server)


def test_several_run_side_by_side(servers: FreshServers) -> None:
    one, other = servers.open(), servers.open()
    with EventStoreDBClient(one.connection_string) as client:
        client.append_event("s-1", current_version=StreamState.NO_STREAM, event=given.an_event())
    with EventStoreDBClient(other.connection_string) as client:
        assert not list(client.read_all())
    servers.close(one)
    servers.close(other)


def test_a_fresh_server_takes_less_than_half_a_second(servers: FreshServers) -> None:
    servers.close(servers.open())
    durations = []
    for _ in range(5):
        began = time.monotonic()
        server = servers.open()
        durations.append(time.monotonic() - began)
        servers.close(server)

    # The machine may be busy with other tests: at least one of them was not held up.
    assert min(durations) < 0.5


def test_a_closed_server_listens_no_longer_and_leaves_nothing(servers: FreshServers) -> None:
    server = servers.open()
    servers.close(server)
    with (
        EventStoreDBClient(server.connection_string) as client,
        pytest.raises(ServiceUnavailable),
    ):
        client.get_stream("s-1", timeout=5)


def test_a_process_that_has_died_is_replaced() -> None:
    servers = FreshServers()
    lost = servers.open()
    assert servers._process is not None
    servers._process.kill()
    servers._process.wait()

    with pytest.raises(NoFreshServerError):
        servers.close(lost)
    servers.close(servers.open())
    servers.end()


def test_it_all_ends_with_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    servers = FreshServers()
    servers.open()
    process = servers._process
    assert process is not None
    assert len(list(tmp_path.iterdir())) == 1
    servers.end()

    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []

"""A closed server as a process: what it makes, what it says, and that it goes on as it was."""

import json
import socket
import ssl
import stat
from pathlib import Path

import pytest

from embedded_eventstore.access.connection_string import connection_string
from embedded_eventstore.client_library import EventStoreDBClient, StreamState
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess, run_server


def append(uri: str, stream: str) -> None:
    with EventStoreDBClient(uri) as client:
        client.append_to_stream(stream, current_version=StreamState.ANY, events=given.an_event())


def test_it_says_where_clients_find_what_they_need_and_no_secret(tmp_path: Path) -> None:
    data = tmp_path / "a log"
    with ServerProcess(data, closed=True) as server:
        append(server.uri, "s-1")
        server.stop()
        assert server.process.stdout is not None
        assert server.process.stderr is not None
        said = server.process.stdout.read() + server.process.stderr.read()

    assert str(data / "ca.crt") in said
    assert str(data / "accounts.json") in said
    for account in json.loads((data / "accounts.json").read_text()).values():
        assert account["password"] not in said


def test_insecure_says_what_it_gives_up(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server:
        server.stop()
        assert server.process.stderr is not None
        assert "nobody is asked for a password" in server.process.stderr.read()


def test_all_its_files_are_for_their_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "log"
    with ServerProcess(data, closed=True) as server:
        append(server.uri, "s-1")
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}

    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert {"accounts.json", "ca.crt", "ca.key", "server.pem", "events.db"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_clients_go_on_after_a_restart_and_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "log"
    with ServerProcess(data, closed=True) as server:
        uri, port = server.uri, server.port
        append(uri, "s-1")
        server.kill()
    with ServerProcess(data, port, closed=True) as server:
        append(uri, "s-1")
        assert server.uri == uri
        with EventStoreDBClient(uri) as client:
            assert client.get_current_version("s-1") == 1


def test_a_log_made_by_an_open_server_goes_on_closed_and_the_reverse(tmp_path: Path) -> None:
    data = tmp_path / "log"
    for closed in (False, True, False, True):
        with ServerProcess(data, closed=closed) as server:
            append(server.uri, "s-1")
    with ServerProcess(data, closed=True) as server, EventStoreDBClient(server.uri) as client:
        assert client.get_current_version("s-1") == 3


def test_the_connection_string_may_be_made_before_the_server_runs(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "a log & more?"
    connection_string(data, 1)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    with ServerProcess(data, closed=True) as server:
        append(server.uri, "s-1")


def test_with_tls_it_may_listen_on_any_address(tmp_path: Path) -> None:
    data = tmp_path / "log"
    arguments = ("--data", str(data), "--port", "0", "--host", "127.0.0.2")
    with run_server(*arguments) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().strip().rpartition(":")[2])
            append(connection_string(data, port, host="127.0.0.2"), "s-1")
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_copy_of_the_authority_is_all_that_advertised_names_need(tmp_path: Path) -> None:
    data = tmp_path / "log"
    advertise = ("--advertise", "eventstore", "--advertise", "10.9.8.7")
    with ServerProcess(data, 0, *advertise, closed=True) as server:
        trusting = ssl.create_default_context(cadata=(data / "ca.crt").read_text())
        trusting.set_alpn_protocols(["h2"])
        for name in ("eventstore", "10.9.8.7", "localhost"):
            with (
                socket.create_connection(("127.0.0.1", server.port), 5) as plain,
                trusting.wrap_socket(plain, server_hostname=name) as connected,
            ):
                assert connected.selected_alpn_protocol() == "h2"
        with (
            socket.create_connection(("127.0.0.1", server.port), 5) as plain,
            pytest.raises(ssl.SSLCertVerificationError, match="not valid for"),
        ):
            trusting.wrap_socket(plain, server_hostname="elsewhere")
        with EventStoreDBClient(server.uri) as client:
            assert [member.address for member in client.read_gossip()] == ["eventstore"]


@pytest.mark.parametrize("name", ["", "two words", "::", "x.-y", "a..b", "x" * 64, "käse"])
def test_what_is_no_name_is_not_advertised(tmp_path: Path, name: str) -> None:
    with run_server("--data", str(tmp_path / "log"), "--advertise", name) as process:
        _, complaint = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "is neither a host name nor an address" in complaint
    assert not (tmp_path / "log").exists()


def test_accounts_that_make_no_sense_stop_the_start_with_a_sentence(tmp_path: Path) -> None:
    data = tmp_path / "log"
    data.mkdir(mode=0o700)
    (data / "accounts.json").write_text('{"admin": "changeit"}')
    with run_server("--data", str(data), "--port", "0") as process:
        _, complaint = process.communicate(timeout=20)

    assert process.returncode == 69
    assert "'admin' needs a password" in complaint
    assert "changeit" not in complaint

"""The server as a process: when it starts, when it refuses to, how it ends."""

import sqlite3
import stat
from pathlib import Path

import pytest

from embedded_eventstore.client_library import EventStoreDBClient, ServiceUnavailable, StreamState
from embedded_eventstore.storage import schema
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess, run_server


def refusal(*arguments: str) -> tuple[int, str]:
    with run_server(*arguments) as process:
        _, complaint = process.communicate(timeout=20)
    return process.returncode, complaint


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_says_in_one_line_where_it_listens(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server:
        assert server.first_line == f"embedded eventstore listening on 127.0.0.1:{server.port}"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example"])  # noqa: S104
def test_it_listens_to_nobody_but_this_machine(tmp_path: Path, host: str) -> None:
    code, complaint = refusal("--data", str(tmp_path), "--host", host, "--insecure")

    assert code == 64
    assert f"Will not listen on {host} with --insecure" in complaint
    assert not (tmp_path / schema.FILE_NAME).exists()


def test_its_files_are_for_their_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "log"
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        client.append_to_stream("s-1", current_version=StreamState.ANY, events=given.events(1))
        files = {path.name: mode(path) for path in data.iterdir()}

    assert mode(data) == 0o700
    assert schema.FILE_NAME in files
    assert f"{schema.FILE_NAME}-wal" in files
    assert set(files.values()) == {0o600}


def test_a_directory_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "diary.txt").write_text("mine")
    code, complaint = refusal("--data", str(tmp_path), "--port", "0", "--insecure")

    assert code == 69
    assert "Give the log a directory of its own" in complaint
    assert mode(tmp_path) == 0o755


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    code, complaint = refusal("--data", str(tmp_path / "link"), "--port", "0", "--insecure")
    assert code == 69
    assert "symbolic link" in complaint


def test_one_log_has_one_server(tmp_path: Path) -> None:
    data = tmp_path / "log"
    with ServerProcess(data):
        code, complaint = refusal("--data", str(data), "--port", "0", "--insecure")
    assert code == 69
    assert "Another server is using" in complaint


def test_a_taken_port_is_said_to_be_taken(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "one") as server:
        code, complaint = refusal(
            "--data", str(tmp_path / "two"), "--port", str(server.port), "--insecure"
        )
    assert code == 69
    assert f"Cannot listen on 127.0.0.1:{server.port}" in complaint


@pytest.mark.parametrize("content", [b"not a database at all" * 300, b""], ids=["text", "foreign"])
def test_a_file_that_is_not_a_log_is_left_alone(tmp_path: Path, content: bytes) -> None:
    data = tmp_path / "log"
    data.mkdir(mode=0o700)
    file = data / schema.FILE_NAME
    if content:
        file.write_bytes(content)
    else:
        with sqlite3.connect(file) as foreign:
            foreign.execute("CREATE TABLE mine (x)")
        foreign.close()
    before = file.read_bytes()

    code, complaint = refusal("--data", str(data), "--port", "0", "--insecure")

    assert code == 69
    assert "embedded eventstore: " in complaint
    assert file.read_bytes() == before


def test_a_log_from_the_future_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "log"
    with ServerProcess(data):
        pass
    with sqlite3.connect(data / schema.FILE_NAME) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    code, complaint = refusal("--data", str(data), "--port", "0", "--insecure")
    assert code == 69
    assert "format 99" in complaint


def test_it_ends_orderly_and_starts_with_everything_it_had(tmp_path: Path) -> None:
    data = tmp_path / "log"
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        position = client.append_to_stream(
            "s-1", current_version=StreamState.NO_STREAM, events=given.events(3)
        )
        subscription = client.subscribe_to_stream("s-1", from_end=True)
        assert server.stop() == 0
        with pytest.raises(ServiceUnavailable):
            next(subscription)
    assert sorted(path.name for path in data.iterdir()) == [schema.FILE_NAME, "server.lock"]

    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        assert client.get_commit_position() == position
        assert client.get_current_version("s-1") == 2

"""The commands as a person types them, beside a running server."""

import random
import subprocess
import sys
import time
from pathlib import Path

from embedded_eventstore.client_library import EventStoreDBClient, StreamState
from embedded_eventstore.storage import schema
from embedded_eventstore.storage.operations import ANY, Delete
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import REPOSITORY, ServerProcess, run_server
from embedded_eventstore.upkeep.tests.given import a_log, append, everything
from embedded_eventstore.upkeep.verification import verify

SECRET = b"Xylophanes Quetzalcoatl"


def run(*arguments: object) -> tuple[int, str]:
    """The exit code and what was said."""
    command = (sys.executable, "-m", "embedded_eventstore", *map(str, arguments))
    ended = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_a_running_server_is_verified_and_backed_up_but_not_scavenged(tmp_path: Path) -> None:
    data, home = tmp_path / "data", tmp_path / "home"
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        client.append_to_stream("s-1", current_version=StreamState.ANY, events=given.events(3))
        code, said = run("verify", "--data", data)
        assert (code, "5 events" in said) == (0, True)
        code, said = run("backup", "--data", data, "--to", tmp_path / "copy.db")
        assert (code, "Backed up to" in said) == (0, True)
        code, said = run("scavenge", "--data", data)
        assert (code, "Another server is using" in said) == (1, True)
        client.append_to_stream("s-1", current_version=2, events=given.events(1))
        assert server.stop() == 0

    code, said = run("restore", "--from", tmp_path / "copy.db", "--data", home)
    assert (code, "it is the same log" in said) == (0, True)
    with ServerProcess(home) as server, EventStoreDBClient(server.uri) as client:
        assert client.get_current_version("s-1") == 2


def test_what_was_killed_is_verified_and_scavenged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        event = given.an_event(data=SECRET)
        client.append_to_stream("s-1", current_version=StreamState.ANY, events=event)
        client.delete_stream("s-1", current_version=0)
        server.kill()
    assert run("verify", "--data", data)[0] == 0

    assert run("scavenge", "--data", data) == (0, "Removed 1 events for good.\n")
    assert not any(SECRET in path.read_bytes() for path in data.iterdir())
    assert "1 removed by scavenging" in run("verify", "--data", data)[1]


def test_damage_is_reported_in_sentences(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data) as server, EventStoreDBClient(server.uri) as client:
        event = given.an_event(data=SECRET)
        client.append_to_stream("s-1", current_version=StreamState.ANY, events=event)
    image = (data / schema.FILE_NAME).read_bytes()
    (data / schema.FILE_NAME).write_bytes(image.replace(SECRET, SECRET[::-1]))

    code, said = run("verify", "--data", data)
    assert code == 1
    assert "The event at position 2 is not what was recorded there." in said
    assert run("backup", "--data", data, "--to", tmp_path / "copy.db")[0] == 1
    assert run("verify", "--data", tmp_path / "nowhere")[0] == 1
    assert run("scavenge", "--data", tmp_path / "nowhere")[0] == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_scavenge_that_is_killed_leaves_a_sound_log_and_is_finished_later(tmp_path: Path) -> None:
    data, chance = tmp_path / "data", random.Random(3)
    data.mkdir(mode=0o700)
    for number in range(60):
        batch = [SECRET + bytes(3000)] * 100
        a_log(data, append(f"s-{number}", *batch), append("kept", b"{}"))
        a_log(data, Delete(f"s-{number}", ANY))
    for _ in range(5):
        with run_server("scavenge", "--data", str(data)) as scavenge:
            time.sleep(chance.uniform(0.2, 0.6))
            scavenge.kill()
        assert verify(data / schema.FILE_NAME).problems == ()
    assert run("scavenge", "--data", data)[0] == 0

    assert not any(SECRET in path.read_bytes() for path in data.iterdir())
    report = verify(data / schema.FILE_NAME)
    assert (report.problems, report.removed) == ((), 60 * 100)
    assert sum(record.stream == "kept" for record in everything(data)) == 60

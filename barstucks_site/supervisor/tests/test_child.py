"""One child: its pauses, its end, and that it never outlives the supervisor."""

import errno
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from barstucks_site.supervisor.child import CRASH_LOOP, how_it_ended
from barstucks_site.supervisor.tests.small_children import (
    CRASHING,
    STUBBORN,
    alive,
    child,
    until,
)


def test_pauses_between_restarts_grow_and_are_forgotten_in_good_health(tmp_path: Path) -> None:
    now = [0.0]
    crashing = child(tmp_path, "log", CRASHING, lambda: now[0])
    reported: list[str] = []

    def die() -> None:
        assert crashing.process is not None
        crashing.process.wait()
        reported.append(crashing.check())

    crashing.start()
    for moment in (1.0, 2.0, 4.0, 104.0):
        now[0] = moment
        die()
        now[0] = moment + 0.9
        crashing.check()  # starts

    assert [sentence.rpartition("again in ")[2] for sentence in reported] == [
        "0.2 s.",
        "0.4 s.",
        "0.8 s.",
        "0.2 s.",
    ]
    assert CRASH_LOOP == 5


def test_a_child_that_worked_for_a_while_is_started_again_soon_however_often(
    tmp_path: Path,
) -> None:
    now = [0.0]
    crashing = child(tmp_path, "log", CRASHING, lambda: now[0])
    pauses = []

    for _ in range(10):
        crashing.start()
        assert crashing.process is not None
        crashing.process.wait()
        now[0] += 15
        pauses.append(crashing.check().rpartition("again in ")[2])

    assert pauses == ["0.2 s."] * 10
    assert not crashing.crash_loop


def test_pauses_stop_growing_at_half_a_minute(tmp_path: Path) -> None:
    now = [0.0]
    crashing = child(tmp_path, "log", CRASHING, lambda: now[0])
    pauses = []

    for _ in range(12):
        crashing.start()
        assert crashing.process is not None
        crashing.process.wait()
        pauses.append(crashing.check().rpartition("again in ")[2])
        now[0] += 31

    assert pauses[:5] == ["0.2 s.", "0.4 s.", "0.8 s.", "1.6 s.", "3.2 s."]
    assert pauses[-3:] == ["30.0 s."] * 3


def test_a_machine_without_room_for_a_process_is_asked_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    web = child(tmp_path, "web", CRASHING, lambda: now[0])
    web.start()
    assert web.process is not None
    web.process.wait()
    web.check()
    open_files = len(list(Path("/dev/fd").iterdir()))

    def no_room(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    now[0] = 1.0
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(subprocess, "Popen", no_room)
        assert "web cannot be started now" in web.check()
    assert web.check() == ""
    now[0] = 2.0

    assert "web is started again" in web.check()
    assert len(list(Path("/dev/fd").iterdir())) == open_files + 1  # its sign of life
    web.wait(5)


def test_a_child_that_ignores_the_end_is_ended(tmp_path: Path) -> None:
    stubborn = child(tmp_path, "web", STUBBORN)
    stubborn.start()
    until(stubborn.is_ready)
    pid = stubborn.pid

    stubborn.terminate()

    assert stubborn.wait(0.2) is False
    assert pid is not None
    assert not alive(pid)


@pytest.fixture
def supervisor_process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A supervisor in a process of its own, and the id of its child."""
    code = f"""
        import sys, time
        sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from barstucks_site.supervisor.tests.small_children import GRACEFUL, child
        web = child(Path({str(tmp_path)!r}), "web", GRACEFUL)
        web.start()
        while not web.is_ready():
            time.sleep(0.02)
        print(web.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    yield parent, int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's life")
def test_kill_9_of_the_supervisor_leaves_no_orphan(
    supervisor_process: tuple[subprocess.Popen[str], int],
) -> None:
    parent, pid = supervisor_process

    parent.kill()

    until(lambda: not alive(pid))


@pytest.mark.parametrize(
    ("code", "words"), [(0, "by itself"), (3, "with exit code 3"), (-9, "by signal SIGKILL")]
)
def test_an_exit_code_is_said_in_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words

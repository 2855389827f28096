"""The supervisor with small processes: killed, crashing, refusing, and the whole shop."""

import json
import os
import signal
import ssl
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import httpx
import pytest

from barstucks_site.supervisor import shop_lock
from barstucks_site.supervisor.child import CRASH_LOOP
from barstucks_site.supervisor.supervisor import DidNotStart, KeepsEnding, Refused
from barstucks_site.supervisor.tests.small_children import (
    CRASHING,
    GRACEFUL,
    REFUSING,
    Reports,
    alive,
    child,
    until,
    watch_until,
)


def test_a_killed_child_is_started_again(tmp_path: Path, reports: Reports) -> None:
    web = child(tmp_path, "web", GRACEFUL)
    supervisor = reports.supervisor([web])
    supervisor.start()
    first = web.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    def replaced() -> bool:
        supervisor.check()
        return web.pid not in {None, first}

    until(replaced)
    supervisor.stop()

    assert "web ended by signal SIGKILL; starting again in 0.2 s." in reports.sentences
    assert reports.changes >= 3


def test_a_child_that_dies_while_later_ones_start_is_started_again(
    tmp_path: Path, reports: Reports
) -> None:
    log = child(tmp_path, "log", GRACEFUL)
    web = child(tmp_path, "web", GRACEFUL)

    def when_the_log_was_replaced(_pid: int) -> bool:
        if log.starts == 1 and log.process is not None:
            log.process.kill()
        return log.starts == 2

    web.spec = replace(web.spec, ready=when_the_log_was_replaced)
    supervisor = reports.supervisor([log], [web])

    supervisor.start()
    supervisor.stop()

    assert "log ended by signal SIGKILL; starting again in 0.2 s." in reports.sentences


def test_children_stop_in_order_and_nothing_is_left(tmp_path: Path, reports: Reports) -> None:
    log, worker, web = (child(tmp_path, name, GRACEFUL) for name in ("log", "worker", "web"))
    supervisor = reports.supervisor([log], [worker], [web])
    supervisor.start()
    pids = [c.pid for c in supervisor.children if c.pid]

    supervisor.stop()

    assert (tmp_path / "ends").read_text() == "web worker log "
    assert not any(alive(pid) for pid in pids)


def test_a_shop_whose_child_keeps_crashing_does_not_open_and_says_why(
    tmp_path: Path, reports: Reports
) -> None:
    supervisor = reports.supervisor([child(tmp_path, "log", CRASHING)])

    with pytest.raises(DidNotStart, match=r"log ended 5 times.*exit code 3"):
        supervisor.start()


def test_a_shop_ends_when_a_child_keeps_ending(tmp_path: Path, reports: Reports) -> None:
    supervisor = reports.supervisor([child(tmp_path, "reactor", CRASHING)])
    supervisor.children[0].start()

    with pytest.raises(KeepsEnding, match="reactor ended 5 times") as gave_up:
        supervisor.watch()

    assert gave_up.value.exit_code == 69


def test_a_shop_may_try_for_ever(tmp_path: Path, reports: Reports) -> None:
    crashing = child(tmp_path, "reactor", CRASHING)
    supervisor = reports.supervisor([crashing], never_gives_up=True)
    crashing.start()

    def tried_often() -> bool:
        supervisor.check()
        return crashing.starts > CRASH_LOOP

    until(tried_often)
    supervisor.stop()

    assert "reactor ended 5 times" in crashing.crash_loop


def test_a_child_with_a_wrong_configuration_is_not_started_again(
    tmp_path: Path, reports: Reports
) -> None:
    supervisor = reports.supervisor([child(tmp_path, "web", REFUSING)], never_gives_up=True)

    with pytest.raises(Refused, match="web refuses to work") as refused:
        supervisor.start()

    assert refused.value.exit_code == 78
    assert supervisor.children[0].starts == 1


def test_two_supervisors_on_one_directory_refuse(tmp_path: Path) -> None:
    code = f"""
        import sys
        sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from barstucks_site.supervisor import shop_lock
        try:
            shop_lock.take(Path({str(tmp_path)!r}))
        except shop_lock.AlreadyOpen as already:
            print(already)
    """
    held = shop_lock.take(tmp_path)

    second = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )

    assert "is already open" in second.stdout
    os.close(held.supervisor)
    os.close(held.family)


def _line_with(words: str, lines: IO[str]) -> str:
    read: list[str] = []
    for line in lines:
        if words in line:
            return line
        read.append(line)
    raise AssertionError(f"Nobody said {words!r}, but:\n{''.join(read)}")


def test_serve_opens_restarts_and_closes_the_whole_shop(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    var = tmp_path / "var"
    environment = {
        name: value for name, value in os.environ.items() if name != "EVENTSTORE_URI"
    } | {"BARSTUCKS_VAR": str(var)}
    serving = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", "0"],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert serving.stdout is not None
    try:
        opened = _line_with("Barstucks is open", serving.stdout)
        page = _line_with("  log ", serving.stdout)
        running = json.loads((var / "run.json").read_text())
        before = running["pids"]
        trusting = ssl.create_default_context(cafile=var / "eventstore" / "ca.crt")
        anonymous = httpx.get(page.split()[1], verify=trusting)
        password = urlsplit(running["eventstore_uri"]).password or ""
        processes = [running["supervisor"], *before.values()]
        command_lines = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in processes]
        second = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", "0"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        mode = stat.S_IMODE((var / "run.json").stat().st_mode)

        os.kill(before["reactor"], signal.SIGKILL)
        again = _line_with("reactor is started again", serving.stdout)
    finally:
        serving.terminate()
        rest = serving.stdout.read()
        code = serving.wait(30)
        serving.stdout.close()

    assert running["url"] in opened
    assert running["supervisor"] == serving.pid
    assert second.returncode == 1
    assert "is already open" in second.stderr
    assert anonymous.status_code == httpx.codes.UNAUTHORIZED
    assert len(password) == 43
    assert password not in "".join([*command_lines, opened, page, again, rest])
    assert "TlsCaFile=" in running["eventstore_uri"]
    assert mode == 0o600
    assert "started again" in again
    assert (var / "run.json").exists() is False
    assert "The shop is closed." in rest
    assert code == 0
    assert not any(alive(pid) for pid in before.values())


def test_a_changed_source_starts_again_what_runs_it_and_the_log_goes_on(
    tmp_path: Path, reports: Reports
) -> None:
    log, projector, web = (child(tmp_path, name, GRACEFUL) for name in ("log", "projector", "web"))
    log.spec = replace(log.spec, runs_sources=False)
    changes: list[list[str]] = [[], ["orders/menu.py", "templates/menu.html"]]
    supervisor = reports.supervisor(
        [log], [projector], [web], changed_sources=lambda: changes.pop(0) if changes else []
    )
    supervisor.start()
    before = [running.pid for running in supervisor.children]

    watch_until(supervisor, lambda: not changes and projector.is_ready() and web.is_ready())

    after = [running.pid for running in supervisor.children]
    supervisor.stop()
    assert after[0] == before[0]
    assert not set(after[1:]) & set(before)
    assert set((tmp_path / "ends").read_text().split()[:2]) == {"projector", "web"}
    assert "orders/menu.py and 1 more changed: projector, web start again." in reports.sentences


def test_a_change_may_mend_what_kept_ending(tmp_path: Path, reports: Reports) -> None:
    broken = child(tmp_path, "web", CRASHING)
    mended = child(tmp_path, "web", GRACEFUL).spec
    supervisor = reports.supervisor([broken], never_gives_up=True, changed_sources=lambda: mend())

    def mend() -> list[str]:
        if broken.spec is mended or not broken.crash_loop:
            return []
        broken.spec = mended
        return ["orders/menu.py"]

    broken.start()
    watch_until(supervisor, lambda: broken.spec is mended and broken.is_ready())

    assert not broken.crash_loop
    supervisor.stop()

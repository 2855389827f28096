"""A child that hangs is killed and started again; one that is busy starting is left alone."""

import time
from pathlib import Path

from barstucks_site.supervisor.tests.small_children import Reports, child, until

HANGING = """
    import os, signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.write(int(os.environ["WATCHDOG_FD"]), b".")
    time.sleep(60)
"""
BUSY = """
    import signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    time.sleep(60)
"""


def test_a_child_that_gives_no_sign_of_life_any_more_is_started_again(
    tmp_path: Path, reports: Reports
) -> None:
    web = child(tmp_path, "web", HANGING)
    web.hang_seconds = 0.5
    supervisor = reports.supervisor([web])
    supervisor.start()
    first = web.pid

    def replaced() -> bool:
        supervisor.check()
        return web.pid not in {None, first}

    until(replaced)
    supervisor.stop()

    assert reports.sentences[:2] == [
        "web gives no sign of life: it is killed.",
        "web ended by signal SIGKILL; starting again in 0.2 s.",
    ]


def test_a_child_that_is_busy_starting_is_left_alone(tmp_path: Path, reports: Reports) -> None:
    web = child(tmp_path, "web", BUSY)
    web.hang_seconds = 0.2
    supervisor = reports.supervisor([web])
    supervisor.start()

    for _ in range(20):
        time.sleep(0.05)
        supervisor.check()
    supervisor.stop()

    assert reports.sentences == []
    assert web.starts == 1


def test_time_in_which_the_supervisor_stood_still_is_no_silence(tmp_path: Path) -> None:
    now = [0.0]
    web = child(tmp_path, "web", HANGING, lambda: now[0])
    web.start()
    until(lambda: web.check() == "" and web.silent_seconds is not None)

    now[0] += 3600.0
    after_a_long_sleep = web.check()
    silent = web.silent_seconds
    for _ in range(15):
        now[0] += 1.0
        after_more = web.check()
    web.terminate()
    web.wait(5)

    assert after_a_long_sleep == ""
    assert silent == 1.0
    assert after_more == "web gives no sign of life: it is killed."

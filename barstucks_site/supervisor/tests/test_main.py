"""What must not keep the supervisor from its work: nobody who listens, no room on the disk."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from barstucks_site.supervisor import __main__ as main
from barstucks_site.supervisor import run_file

ROOT = Path(__file__).parents[3]

SAYING = """
from barstucks_site.supervisor.__main__ import _say
_say("The shop is closing.")
_say("The shop is closed.")
"""


def test_nobody_has_to_listen_to_what_is_said() -> None:
    """As when Ctrl-C ends `| tee` too, or a terminal is closed: the children are stopped."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        said = subprocess.run(
            [sys.executable, "-c", SAYING],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    finally:
        os.close(writing)

    assert (said.returncode, said.stderr) == (0, b"")


def test_a_list_of_processes_that_cannot_be_written_closes_no_shop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    web = SimpleNamespace(spec=SimpleNamespace(name="web"), pid=7)
    plan = SimpleNamespace(run_directory=tmp_path / "not there", url="", eventstore_uri="")
    supervisor, live = SimpleNamespace(children=[web]), SimpleNamespace(url="")

    main._write_run_file(cast(Any, plan), cast(Any, supervisor), cast(Any, live))

    assert "run.json could not be written" in capsys.readouterr().out


def test_a_full_disk_keeps_the_list_that_was_there_and_no_draft_of_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_file.write(tmp_path, {"url": "first"})

    def full(descriptor: int, _mode: str) -> io.StringIO:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(os, "fdopen", full)
        with pytest.raises(OSError, match="No space left"):
            run_file.write(tmp_path, {"url": "second"})

    assert json.loads((tmp_path / run_file.NAME).read_text()) == {"url": "first"}
    assert [file.name for file in tmp_path.iterdir()] == [run_file.NAME]

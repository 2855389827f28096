"""Somebody who follows a part: types its commands into a shell, its statements into Python.

`bin/open` is left running, as in a window of its own;
`python` and `manage.py shell` open the Python prompt. The tutorial writes the shop's usual ports,
8000 and 2113: this shop has others, and they are exchanged in what is typed and what is printed.
"""

import json
import os
import re
import secrets
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.shop import OF_ANOTHER_SHOP, ROOT
from tests.tutorial.part import Command, Edit, Statement, Step

OPEN_SECONDS = COMMAND_SECONDS = 300  # on a clean machine both install something
STATEMENT_SECONDS = 60
STOP_SECONDS = 30

SHOP_PORT, LOG_PORT = "8000", "2113"
"""As the tutorial writes them."""

OPENED = "Ctrl-C closes it."
LOG_PAGE = re.compile(r"^  log +https://127\.0\.0\.1:(\d+)/", re.MULTILINE)

OF_THIS_RUN = re.compile(r"PYTEST_|DJANGO_|LIMIT_|MOST_|STATIC_ROOT|WEB_PORT|CI$")
"""Variables of a test run that a learner's shell does not have."""

HTTPIE = {"default_options": ["--ignore-stdin", "--pretty=format", "--print=hb"]}
"""What HTTPie does by itself at a terminal, without the colours."""


class DidNotGoOn(Exception):
    """A command or the prompt ended, or was silent for too long; the message is what it said."""


class Learner:
    """One person in this directory, until the end of the `with` block.

    It is a copy of the project of their own; beside it they keep a few files.
    """

    def __init__(self, project: Path) -> None:
        self._project = project
        self._ports = {SHOP_PORT: str(_free_port())}
        self._environment = _environment(project.parent, self._ports[SHOP_PORT])
        self._shop: subprocess.Popen[bytes] | None = None
        self._prompt: subprocess.Popen[bytes] | None = None
        self._shell = self._start("bash", "--noprofile", "--norc")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in (self._prompt, self._shop, self._shell):
            if process is not None:
                _end(process)

    def does(self, step: Step) -> tuple[str, int]:
        """Do it. What that printed, and the exit code. Raises `DidNotGoOn`."""
        match step:
            case Edit(patch=patch):
                return self._edit(patch)
            case Statement(text=text):
                return self._as_written(self._answer(self._as_here(text))), 0
            case Command(text="bin/open"):
                return self._as_written(self._open()), 0
            case Command(text=text) if _opens_python(text):
                self._open_prompt(with_django="manage.py" in text)
                return "", 0
            case Command(text=text):
                printed, code = self._type(self._as_here(text))
                return self._as_written(printed), code

    def _edit(self, patch: str) -> tuple[str, int]:
        done = subprocess.run(
            ["/usr/bin/env", "git", "apply", "-"],
            cwd=self._project,
            env=self._environment,
            input=patch,
            text=True,
            capture_output=True,
            timeout=STATEMENT_SECONDS,
            check=False,
        )
        return done.stderr, done.returncode

    def _open(self) -> str:
        if self._shop is not None:
            _end(self._shop)
        window = self._project.parent / "window"
        with window.open("wb") as output:  # a pipe would be full some day
            self._shop = self._start("bin/open", output=output)
        deadline = time.monotonic() + OPEN_SECONDS
        while OPENED not in (printed := window.read_text(errors="replace")):
            if self._shop.poll() is not None or time.monotonic() > deadline:
                raise DidNotGoOn(f"The shop did not open:\n{printed}")
            time.sleep(0.1)
        if page := LOG_PAGE.search(printed):
            self._ports[LOG_PORT] = page[1]
        return printed[: printed.index(OPENED)] + OPENED

    def _open_prompt(self, *, with_django: bool) -> None:
        if self._prompt is not None:
            _end(self._prompt)
        found, code = self._type("command -v python")
        if code:
            raise DidNotGoOn("There is no python on the path.")
        program = str(ROOT / "tests" / "tutorial" / "prompt.py")
        self._prompt = self._start(found.strip(), program, *(["--django"] if with_django else []))

    def _answer(self, source: str) -> str:
        if self._prompt is None:
            raise DidNotGoOn("Nobody has opened the Python prompt.")
        _write(self._prompt, f"{json.dumps(source)}\n")
        printed = _read_until(self._prompt, re.compile(r"^.*\n\Z", re.DOTALL), STATEMENT_SECONDS)
        return str(json.loads(printed.splitlines()[-1]))

    def _type(self, command: str) -> tuple[str, int]:
        mark = f"end-of-{secrets.token_hex(8)}"
        _write(self._shell, f"{{ {command}\n}} </dev/null\nprintf '\\n%s %s\\n' {mark} $?\n")
        end = re.compile(rf"\n{mark} (\d+)\n")
        printed = _read_until(self._shell, end, COMMAND_SECONDS)
        found = end.search(printed)
        assert found is not None
        return printed[: found.start()], int(found[1])

    def _start(
        self, *command: str, output: IO[bytes] | int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self._project,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _as_here(self, text: str) -> str:
        return _exchanged(text, self._ports)

    def _as_written(self, text: str) -> str:
        return _exchanged(text, {here: written for written, here in self._ports.items()})


def _environment(directory: Path, port: str) -> dict[str, str]:
    config = directory / "httpie"
    config.mkdir(parents=True)
    (config / "config.json").write_text(json.dumps(HTTPIE))
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in OF_ANOTHER_SHOP and not OF_THIS_RUN.match(name)
    }
    return kept | {
        "WEB_PORT": port,
        "HTTPIE_CONFIG_DIR": str(config),
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }


def _opens_python(command: str) -> bool:
    return command in ("python", "python manage.py shell", "python manage.py shell -v 0")


def _exchanged(text: str, ports: Mapping[str, str]) -> str:
    return re.sub(r"(?<=:)\d{4,5}\b", lambda found: ports.get(found[0], found[0]), text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text.encode())
        process.stdin.flush()
    except BrokenPipeError as error:
        raise DidNotGoOn("It has ended.") from error


def _read_until(process: subprocess.Popen[bytes], end: re.Pattern[str], seconds: float) -> str:
    """What the process says up to and with `end`. Raises `DidNotGoOn`."""
    assert process.stdout is not None
    deadline = time.monotonic() + seconds
    said, received = "", b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while end.search(said) is None:
            if not selector.select(max(0, deadline - time.monotonic())):
                raise DidNotGoOn(f"Nothing more for {seconds:.0f} s after:\n{said}")
            read = os.read(process.stdout.fileno(), 65536)
            if not read:
                raise DidNotGoOn(f"It ended after:\n{said}")
            received += read
            said = received.decode(errors="replace")
    return said


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    for pipe in (process.stdin, process.stdout):
        _close(pipe)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):  # what a command has left running
        os.killpg(process.pid, signal.SIGKILL)


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        pipe.close()

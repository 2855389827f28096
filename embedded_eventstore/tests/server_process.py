"""A server as a process of its own, for tests that talk to it, stop it or kill it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from embedded_eventstore.access.accounts import APPLICATION
from embedded_eventstore.access.connection_string import connection_string

REPOSITORY = Path(__file__).parents[2]
MODULE = ("-m", "embedded_eventstore")


def free_port() -> int:
    """A port nobody listens on, for a server that is restarted under its clients."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run_server(
    *arguments: str, python: tuple[str, ...] = MODULE, under: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*under, sys.executable, *python, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class ServerProcess:
    """A running server; ``further`` arguments; ``python`` is run instead of the module itself.

    Open to all unless it is ``closed``: TLS and passwords are not what most tests are about.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        *further: str,
        python: tuple[str, ...] = MODULE,
        closed: bool = False,
        under: tuple[str, ...] = (),
    ) -> None:
        self.data, self._closed = data, closed
        arguments = ["--data", str(data), "--port", str(port), *further]
        if not closed:
            arguments.append("--insecure")
        self.process = run_server(*arguments, python=python, under=under)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()
        if "listening" not in self.first_line:
            _, complaint = self.process.communicate()
            raise AssertionError(f"the server did not start: {complaint}")
        self.port = int(self.first_line.rpartition(":")[2])

    @property
    def uri(self) -> str:
        return self.uri_for(APPLICATION)

    def uri_for(self, account: str) -> str:
        """How an account connects; everybody alike when the server is open to all."""
        if self._closed:
            return connection_string(self.data, self.port, name=account)
        return f"esdb://127.0.0.1:{self.port}?Tls=false"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def stop(self) -> int:
        """An orderly end; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """As a power cut would, but for the machine."""
        self.process.kill()
        self.process.wait()

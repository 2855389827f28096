"""A running embedded Eventstore for tests: on a port of its own, in a directory of its own.

Set EVENTSTORE_TEST_URI to run the same tests against a real Eventstore. Knows nothing of the shop.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded_eventstore.access.connection_string import connection_string

ROOT = Path(__file__).resolve().parent.parent
GIVEN_URI = "EVENTSTORE_TEST_URI"
STOP_SECONDS = 15


class EventstoreDidNotStart(Exception):
    """The server ended before it listened; the message is what it said."""


@dataclass(frozen=True)
class RunningEventstore:
    """One server. `uri` is for `EventStore`."""

    uri: str
    server: subprocess.Popen[str]

    def freeze(self) -> None:
        """Stop answering without closing anything, as a machine under a stuck disk does."""
        self.server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self.server.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without any warning."""
        self.server.kill()
        self.server.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End it in an orderly way; killed if that takes too long."""
        if self.server.poll() is None:
            self.thaw()
            self.server.terminate()
        try:
            self.server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if self.server.stdout is not None:
            self.server.stdout.close()


def start_eventstore(data: Path, port: int = 0, *, closed: bool = False) -> RunningEventstore:
    """Start a server on this directory and wait until it listens; port 0 picks a free one.

    Open to all unless `closed`: most tests are not about TLS and passwords.
    Raises `EventstoreDidNotStart`.
    """
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "embedded_eventstore"),
            *("--data", str(data), "--port", str(port)),
            *(() if closed else ("--insecure",)),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    said = []
    for line in server.stdout:
        said.append(line)
        if "listening on" in line:
            address = line.split()[-1]
            uri = f"esdb://{address}?Tls=false"
            if closed:
                uri = connection_string(data, int(address.rpartition(":")[2]))
            return RunningEventstore(uri, server)
    server.wait(STOP_SECONDS)
    raise EventstoreDidNotStart("".join(said))


@contextmanager
def running_eventstore(*, closed: bool = False) -> Iterator[RunningEventstore]:
    """A server with an empty log, gone at the end together with its log."""
    with tempfile.TemporaryDirectory(prefix="barstucks-log-") as data:
        server = start_eventstore(Path(data), closed=closed)
        try:
            yield server
        finally:
            server.stop()

"""The servers that are measured, as processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Running:
    """A server and where it listens."""

    uri: str
    pid: int

    @property
    def megabytes(self) -> float:
        """What the process holds in memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * _PAGE_BYTES / 1e6


@contextmanager
def running(module: str, *arguments: str) -> Iterator[Running]:
    """Run a module that says where it listens in its first line, until the end of the block."""
    if module == "embedded_eventstore":
        arguments = (*arguments, "--port", "0", "--insecure")
    server = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip().rpartition(" ")[2]
        yield Running(f"esdb://{address}?Tls=false", server.pid)
    finally:
        server.terminate()
        server.wait()

"""What the operating system sees: each append is synced before its response is sent.

Needs strace, and runs where it is installed.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded_eventstore.client_library import EventStoreDBClient, NewEvent, StreamState
from embedded_eventstore.tests.server_process import MODULE, ServerProcess

STRACE = shutil.which("strace")
APPENDS = 20
END_OF_RESPONSE = r"\\1\\5\\0\\0\\0"
"""How strace writes the head of an HTTP/2 frame that ends a response (RFC 9113, 4.1 and 6.2).

HEADERS with END_STREAM and END_HEADERS, and the first bytes of the stream's number. The names of
the headers are no sign: they are spelt out only in the first response of a connection.
"""
SYNCS_NOTHING = """
import sys
from embedded_eventstore import __main__
from embedded_eventstore.storage import log

class SyncsNothing(log.Log):
    def __init__(self, directory):
        super().__init__(directory)
        self.connection.execute("PRAGMA synchronous = OFF")

__main__.Node.__init__.__globals__["Log"] = SyncsNothing
sys.exit(__main__.main())
"""


@dataclass
class Trace:
    """What a server asked of the operating system, in the order in which it was done."""

    lines: list[str]

    def first(self, pattern: str, after: int = -1) -> int:
        """The number of the first line that matches; beyond the end when there is none."""
        for number in range(after + 1, len(self.lines)):
            if re.search(pattern, self.lines[number]):
                return number
        return len(self.lines)

    def answered_early(self) -> list[int]:
        """The appends whose response was sent before their sync had returned."""
        early = []
        for number in range(APPENDS):
            written = self.first(rf"pwrite64\(.*-wal>.*marker-{number:03}")
            synced = self.first(r"(fdatasync|fsync)(\(\S*-wal>\)| resumed>\)) += 0", written)
            answered = self.first(rf"(sendmsg|sendto|write)\(.*{END_OF_RESPONSE}", written)
            assert answered < len(self.lines), f"append {number}: no response in the trace"
            if answered < synced:
                early.append(number)
        return early


def trace(directory: Path, python: tuple[str, ...]) -> Trace:
    """Append to a server under strace."""
    file = directory / "trace"
    calls = "trace=pwrite64,write,fdatasync,fsync,sendmsg,sendto"
    assert STRACE is not None
    under = (STRACE, "-D", "-f", "-y", "-s", "6000", "-e", calls, "-o", str(file))
    with ServerProcess(directory / "data", python=python, under=under) as server:
        with EventStoreDBClient(server.uri) as client:
            for number in range(APPENDS):
                event = NewEvent(type="T", data=b"marker-%03d" % number)
                client.append_to_stream("s-1", current_version=StreamState.ANY, events=event)
        assert server.stop() == 0
    return Trace(file.read_text(errors="replace").splitlines())


if STRACE is not None:

    @pytest.mark.parametrize(
        ("python", "early"),
        [(MODULE, []), (("-c", SYNCS_NOTHING), list(range(APPENDS)))],
        ids=["the server", "one that syncs nothing"],
    )
    def test_a_response_is_sent_after_its_append_was_synced(
        tmp_path: Path, python: tuple[str, ...], early: list[int]
    ) -> None:
        assert trace(tmp_path, python).answered_early() == early

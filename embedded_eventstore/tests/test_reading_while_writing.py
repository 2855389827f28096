"""Readers in turns, from the disk and from memory, while somebody writes: nobody loses sight."""

import threading
from pathlib import Path

from embedded_eventstore.client_library import EventStoreDBClient, StreamState
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess

SERVER_THAT_TELLS_ITSELF_LATE = """
import sys, time
from embedded_eventstore import __main__
from embedded_eventstore.storage.log import Log

commit = Log.commit

def commit_and_dawdle(log):
    records = commit(log)
    # On the disk, and the event loop does not know it yet.
    time.sleep(0.005)
    return records

Log.commit = commit_and_dawdle
sys.exit(__main__.main())
"""
READS = 200


def test_what_one_reader_saw_the_next_sees_too(tmp_path: Path) -> None:
    late = ("-c", SERVER_THAT_TELLS_ITSELF_LATE)
    with (
        ServerProcess(tmp_path / "log", python=late) as server,
        EventStoreDBClient(server.uri) as client,
        EventStoreDBClient(server.uri) as writing,
    ):
        done = threading.Event()

        def append() -> None:
            writing.append_to_stream(
                "s-1", current_version=StreamState.ANY, events=given.an_event()
            )

        def write() -> None:
            while not done.is_set():
                append()

        append()
        writer = threading.Thread(target=write)
        writer.start()
        seen = []
        for _ in range(READS):
            # The newest event of all is looked up on the disk, that of a stream in memory.
            newest = [*client.read_all(backwards=True, limit=1)]
            newest += client.get_stream("s-1", backwards=True, limit=1)
            seen += [event.stream_position for event in newest]
        done.set()
        writer.join()

    assert len(seen) == 2 * READS
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]

"""Asks one question in two ways, and prints what each of them costs.

    python docs/tutorial/stream_and_topic.py STREAM [STREAM …]

"What happened to this one?" is answered by reading its own stream, and by reading what a topic
would hold, everything of its category, and picking. The shop must be open; nothing is written.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from esdbclient import EventStoreDBClient, RecordedEvent

TIMES = 3
"""Each question is asked so often; the fastest counts, as the others were disturbed."""

RUN_FILE = Path("var") / "run.json"
ROW = "{:<30}{:<12}{:>12}{:>12}{:>14}\n"

Read = Callable[[EventStoreDBClient, str], Sequence[RecordedEvent]]


def own_stream(client: EventStoreDBClient, stream: str) -> Sequence[RecordedEvent]:
    """All events of this stream."""
    return client.get_stream(stream)


def topic(client: EventStoreDBClient, stream: str) -> Sequence[RecordedEvent]:
    """All events of all streams of its category, as a topic would hold them."""
    category = stream.partition("-")[0]
    return tuple(client.read_all(filter_include=[f"{category}-.*"], filter_by_stream_name=True))


def main() -> None:
    """Ask about each stream in both ways. The same events must come out."""
    uri = json.loads(RUN_FILE.read_text())["eventstore_uri"]
    sys.stdout.write(ROW.format("about", "asked of", "events read", "of them its", "milliseconds"))
    with EventStoreDBClient(uri) as client:
        for stream in sys.argv[1:]:
            answers = [_ask(client, stream, read) for read in (own_stream, topic)]
            if answers[0] != answers[1]:
                raise SystemExit(f"Two answers about {stream}.")


def _ask(client: EventStoreDBClient, stream: str, read: Read) -> list[RecordedEvent]:
    fastest = math.inf
    for _ in range(TIMES):
        began = time.perf_counter()
        events = read(client, stream)
        its = [event for event in events if event.stream_name == stream]
        fastest = min(fastest, time.perf_counter() - began)
    where = "its stream" if read is own_stream else "a topic"
    name = stream if len(stream) < 30 else f"{stream[:26]}…"
    row = ROW.format(name, where, f"{len(events):,}", len(its), f"{fastest * 1000:.1f}")
    sys.stdout.write(row)
    return its


if __name__ == "__main__":
    main()

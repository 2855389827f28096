"""``python -m embedded_eventstore.bench``: one run, one table.

Quote the ratios; the figures are those of this machine, today.
"""

import argparse
import tempfile
from pathlib import Path

from embedded_eventstore.bench import peers, size, workloads
from embedded_eventstore.bench.processes import running
from embedded_eventstore.bench.workloads import say, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="embedded_eventstore.bench", description=__doc__)
    parser.add_argument("--appends", type=int, default=1000, help="one after another")
    parser.add_argument("--events", type=int, default=50_000, help="in batches, and to read back")
    parser.add_argument("--stored", type=int, default=1_000_000, help="of a large log; 0: none")
    options = parser.parse_args()
    appends, events = options.appends, options.events
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sync = workloads.sync_milliseconds(directory)
        with running("embedded_eventstore", "--data", f"{name}/log") as server:
            columns = {"store": workloads.measure(server.uri, appends, events)}
            columns["store"] |= workloads.live_lag(server.uri, appends)
        with running("embedded_eventstore.bench.floor", str(events)) as server:
            columns["gRPC alone"] = workloads.measure(server.uri, appends, events)
        if peers.is_installed():
            columns["eventsourcing SQLite"] = peers.sqlite(directory, appends, events)
            with peers.running_postgres() as where:
                if where is not None:
                    peer = peers.postgres(where, appends, events)
                    columns["its PostgreSQL"] = peer
        for line in table(columns):
            say(line)
        floor = columns["gRPC alone"][workloads.SEQUENTIAL] + sync
        beside = columns["store"][workloads.SEQUENTIAL] / floor
        say(f"one sync of this disk: {sync:.2f} ms; one append is {beside:.2f} x (gRPC + one sync)")
        if options.stored:
            size.fill(directory / "large", options.stored)
            large = size.measure(directory / "large")
            columns = {
                f"{options.stored} events": large,
                "empty": size.measure(directory / "small"),
            }
            for line in table(columns):
                say(line)


if __name__ == "__main__":
    main()

"""`python -m barstucks_site.supervisor`: opens a shop that is prepared, and closes it again.

`manage.py serve` becomes this process when it has prepared everything. Imports Python's own
library only, because this process stays as long as the shop is open.
"""

import os
import socket
import sys
from pathlib import Path

from barstucks_site.supervisor import run_file
from barstucks_site.supervisor.child import Child
from barstucks_site.supervisor.live_port import LivePort
from barstucks_site.supervisor.plan import Plan
from barstucks_site.supervisor.process_list import shop_processes
from barstucks_site.supervisor.source_watch import SourceWatch
from barstucks_site.supervisor.supervisor import DidNotStart, GaveUp, Supervisor


def main() -> int:
    """Start, watch, stop; the exit code of `manage.py serve`."""
    plan = Plan.received(int(sys.argv[1]))
    listening = socket.socket(fileno=plan.listening)
    children = [
        [Child(spec, hang_seconds=plan.hang_seconds) for spec in group]
        for group in shop_processes(plan)
    ]
    live = LivePort(socket.socket(fileno=plan.live_listening), lambda: supervisor.states())
    supervisor = Supervisor(
        children,
        report=_say,
        changed=lambda: _write_run_file(plan, supervisor, live),
        wait=live.serve,
        never_gives_up=plan.never_gives_up,
        changed_sources=SourceWatch(Path(plan.root)).changed if plan.reload else tuple,
    )
    supervisor.install_signal_handlers()
    try:
        supervisor.start()
        if not supervisor.stopping:
            _say(plan.greeting)
        supervisor.watch()
    except GaveUp as failure:
        what = "could not open" if isinstance(failure, DidNotStart) else "had to close"
        sys.stderr.write(plan.failure.format(f"The shop {what}: {failure}") + "\n")
        return failure.exit_code
    finally:
        _say("The shop is closing.")
        listening.close()  # only the web holds it now, and lets go when it stops
        supervisor.stop()
        run_file.remove(plan.run_directory)
        _say("The shop is closed.")
    return 0


def _write_run_file(plan: Plan, supervisor: Supervisor, live: LivePort) -> None:
    pids = {child.spec.name: child.pid for child in supervisor.children if child.pid}
    if pids:
        running = {
            "url": plan.url,
            "eventstore_uri": plan.eventstore_uri,
            "supervisor": os.getpid(),
            "supervisor_url": live.url,
            "pids": pids,
        }
        try:
            run_file.write(plan.run_directory, running)
        except OSError as error:  # a full disk closes no shop
            _say(f"{run_file.NAME} could not be written: {error}")


def _say(sentence: str) -> None:
    try:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
    except OSError:  # a closed terminal, or a `| tee` that the same Ctrl-C has ended
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())

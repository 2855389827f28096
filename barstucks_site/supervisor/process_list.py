"""The shop on one machine: which processes it has, in which order, and when each is ready.

Knows commands, addresses and environments; starts nothing.
"""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from barstucks_site.supervisor.child import ProcessSpec, handles_sigterm
from barstucks_site.supervisor.plan import Plan

PROBE_SECONDS = 2.0
LONGEST_LINE = 200  # bytes


def shop_processes(plan: Plan) -> list[list[ProcessSpec]]:
    """The processes in groups, in the order of starting.

    The web inherits the socket it listens on, which stays open while it is restarted: clients wait,
    and are not refused.
    """
    # The address holds a password, which is why it is no argument: anybody can list those.
    environment = {
        **os.environ,
        "BARSTUCKS_VAR": plan.var,
        "EVENTSTORE_URI": plan.eventstore_uri,
        "PYTHONUNBUFFERED": "1",
    }

    def spec(
        name: str,
        *arguments: str,
        ready: Callable[[int], bool],
        more: Sequence[int] = (),
        runs_sources: bool = True,
    ) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=[sys.executable, *arguments],
            environment=environment,
            directory=Path(plan.root),
            ready=ready,
            inherited=[plan.family_lock, *more],
            runs_sources=runs_sources,
        )

    collect = ["--collect"] if plan.reload else []
    groups = [
        [
            spec("projector", "manage.py", "project", ready=handles_sigterm),
            spec("reactor", "manage.py", "react", ready=handles_sigterm),
        ],
        [
            spec(
                "web",
                *("manage.py", "web", "--fd", str(plan.listening), *collect),
                ready=lambda _pid: responds(f"{plan.url}readyz"),
                more=[plan.listening],
            )
        ],
    ]
    if plan.log is not None:
        log, port = plan.log, plan.log.port
        page = ["--http-port", str(log.web_page_port)] if log.web_page_port else []
        arguments = ["--data", log.directory, "--port", str(port), *page]
        command = ("-m", "embedded_eventstore", *arguments)
        eventstore = spec(
            "eventstore",
            *command,
            ready=lambda _pid: accepts("127.0.0.1", port),
            runs_sources=False,  # the log goes on, and with it what was written
        )
        groups.insert(0, [eventstore])
    return groups


def accepts(host: str, port: int) -> bool:
    """Whether a connection is accepted there."""
    with suppress(OSError), socket.create_connection((host, port), PROBE_SECONDS):
        return True
    return False


def responds(url: str) -> bool:
    """Whether a GET is answered with 200."""
    parts = urlsplit(url)
    address = parts.hostname or "", parts.port or 80
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    with suppress(OSError), socket.create_connection(address, PROBE_SECONDS) as connection:
        connection.sendall(request.encode())
        with connection.makefile("rb") as response:
            return response.readline(LONGEST_LINE).split(b" ")[1:2] == [b"200"]
    return False

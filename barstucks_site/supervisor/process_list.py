"""The shop on one machine: which processes it has, in which order, and when each is ready.

Knows commands, addresses and environments; starts nothing.
"""

import http.client
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from barstucks_site.supervisor.child import ProcessSpec, handles_sigterm

PROBE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class EmbeddedLog:
    """The embedded Eventstore: on loopback, with TLS and passwords."""

    directory: Path
    port: int
    web_page_port: int | None
    uri: str


def shop_processes(
    *,
    root: Path,
    var: Path,
    eventstore_uri: str,
    log: EmbeddedLog | None,
    url: str,
    listening: int,
    inherited: Sequence[int],
) -> list[list[ProcessSpec]]:
    """The processes in groups, in the order of starting; without `log` there is one elsewhere.

    The web inherits the socket `listening`, which stays open while it is restarted: clients wait,
    and are not refused.
    """
    # The address holds a password, which is why it is no argument: anybody can list those.
    environment = {
        **os.environ,
        "BARSTUCKS_VAR": str(var),
        "EVENTSTORE_URI": eventstore_uri,
        "PYTHONUNBUFFERED": "1",
    }

    def spec(
        name: str, *arguments: str, ready: Callable[[int], bool], more: Sequence[int] = ()
    ) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=[sys.executable, *arguments],
            environment=environment,
            directory=root,
            ready=ready,
            inherited=[*inherited, *more],
        )

    groups = [
        [
            spec("projector", "manage.py", "project", ready=handles_sigterm),
            spec("reactor", "manage.py", "react", ready=handles_sigterm),
        ],
        [
            spec(
                "web",
                *("manage.py", "web", "--fd", str(listening)),
                ready=lambda _pid: responds(f"{url}readyz"),
                more=[listening],
            )
        ],
    ]
    if log is not None:
        port = log.port
        page = ["--http-port", str(log.web_page_port)] if log.web_page_port else []
        arguments = ["--data", str(log.directory), "--port", str(port), *page]
        command = ("-m", "embedded_eventstore", *arguments)
        eventstore = spec("eventstore", *command, ready=lambda _pid: accepts("127.0.0.1", port))
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
    host, port = parts.hostname or "", parts.port
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection(host, port, timeout=PROBE_SECONDS)) as connection,
    ):
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    return False

"""The shop on one machine: which processes it has, in which order, and when each is ready.

Knows commands, addresses and environments; starts nothing.
"""

import http.client
import socket
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from barstucks_site.supervisor.child import Plan, listens_to_sigterm

PROBE_SECONDS = 2.0


def eventstore(
    directory: Path,
    data: Path,
    ports: tuple[int, int | None],
    environment: Mapping[str, str],
    inherited: list[int],
) -> Plan:
    """The embedded log, on this machine's loopback: closed, with TLS and passwords.

    The second of ``ports`` is for its own web page; None: it has none.
    """
    port, page = ports
    return Plan(
        name="eventstore",
        command=[
            *(sys.executable, "-m", "embedded_eventstore"),
            *("--data", str(data), "--port", str(port)),
            *(("--http-port", str(page)) if page else ()),
        ],
        environment=environment,
        directory=directory,
        ready=lambda _pid: accepts("127.0.0.1", port),
        inherited=inherited,
    )


def web(
    directory: Path, url: str, listening: int, environment: Mapping[str, str], inherited: list[int]
) -> Plan:
    """The web, on a socket that stays open while it is restarted: callers wait, not fail."""
    return Plan(
        name="web",
        command=[sys.executable, "manage.py", "web", "--fd", str(listening)],
        environment=environment,
        directory=directory,
        ready=lambda _pid: answers(f"{url}readyz"),
        inherited=[*inherited, listening],
    )


def worker(
    name: str,
    command: str,
    directory: Path,
    environment: Mapping[str, str],
    inherited: list[int],
) -> Plan:
    """A process that follows the log."""
    return Plan(
        name=name,
        command=[sys.executable, "manage.py", command],
        environment=environment,
        directory=directory,
        ready=listens_to_sigterm,
        inherited=inherited,
    )


def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    with suppress(OSError), socket.create_connection((host, port), PROBE_SECONDS):
        return True
    return False


def answers(url: str) -> bool:
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


def environment_of_children(
    own: Mapping[str, str], *, var: Path, eventstore_uri: str
) -> dict[str, str]:
    """What the children find in their environment: ours, and where the log is.

    The address holds a password, which is why it is no argument: anybody can list those.
    """
    return {
        **own,
        "BARSTUCKS_VAR": str(var),
        "EVENTSTORE_URI": eventstore_uri,
        "PYTHONUNBUFFERED": "1",
    }

"""What `manage.py serve` has prepared, and how it hands that to the supervisor.

The process that prepared the databases becomes the supervisor (`exec`): same process id, same
locks and sockets, but none of what Django had loaded. Knows nothing of processes.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn, Self


@dataclass(frozen=True, kw_only=True)
class EmbeddedLog:
    """The embedded Eventstore: on loopback, with TLS and passwords."""

    directory: str
    port: int
    web_page_port: int | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A shop that is ready to be opened. Locks and sockets are file descriptors."""

    root: str  # the directory of the code
    var: str  # the directory of the shop
    eventstore_uri: str  # holds a password
    log: EmbeddedLog | None  # none: it is elsewhere
    url: str
    listening: int  # the web's
    live_listening: int  # the supervisor's own
    lock: int
    family_lock: int
    hang_seconds: float
    never_gives_up: bool
    reload: bool  # start again what runs source files, when one has changed
    greeting: str  # said when the shop is open
    failure: str  # how a sentence about a failure is written; {} stands for it

    @property
    def run_directory(self) -> Path:
        """Where `run.json` stands."""
        return Path(self.var)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Those that the supervisor needs."""
        return self.listening, self.live_listening, self.lock, self.family_lock

    def become_supervisor(self) -> NoReturn:
        """Replace this process. The plan goes through a pipe: anybody can list arguments."""
        reading, writing = os.pipe()
        with os.fdopen(writing, "w") as pipe:  # less than a pipe holds
            json.dump(asdict(self), pipe)
        for descriptor in (*self.descriptors, reading):
            os.set_inheritable(descriptor, True)
        sys.stdout.flush()
        sys.stderr.flush()
        os.chdir(self.root)
        module = "barstucks_site.supervisor"
        os.execv(sys.executable, [sys.executable, "-m", module, str(reading)])  # noqa: S606 - ours

    @classmethod
    def received(cls, descriptor: int) -> Self:
        """The plan that this process was started with; its descriptors go to nobody by accident."""
        with os.fdopen(descriptor) as pipe:
            written: dict[str, Any] = json.load(pipe)
        log = written.pop("log")
        plan = cls(**written, log=EmbeddedLog(**log) if log else None)
        for inherited in plan.descriptors:
            os.set_inheritable(inherited, False)
        return plan

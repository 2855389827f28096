"""A shop's files in a directory of its own, for tests that need real processes beside them."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from orders.event_store import EventStore, NewStoredEvent
from projections.tests.in_memory_log import InMemoryLog

ROOT = Path(__file__).resolve().parents[2]


def write_down(store: EventStore, log: InMemoryLog) -> None:
    """Copy a log in memory into a real one, event by event."""
    for event in log.events:
        new = NewStoredEvent(
            event_id=event.event_id,
            type_name=event.type_name,
            data=event.data,
            metadata=event.metadata,
        )
        store.append(event.stream, event.revision - 1 if event.revision else None, [new])


@dataclass
class ShopFiles:
    """Databases of its own and the log of the test.

    With READ_MODELS_URL set (PostgreSQL), the read models are in that database, emptied first.
    """

    var: Path
    eventstore_uri: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        own = {"BARSTUCKS_VAR": str(self.var), "EVENTSTORE_URI": self.eventstore_uri}
        own["OPEN_WITHOUT_KEYS"] = "yes"  # the tests' keys are not in this shop's database
        return {**os.environ, **own, "PYTHONPATH": str(ROOT)}

    def migrate(self) -> None:
        """Make the tables."""
        for database in ("default", "read_models"):
            migrated = self.command("migrate", "--database", database, "-v0")
            assert migrated.returncode == 0, migrated.stderr
        emptied = self.command("flush", "--database", "read_models", "--noinput")
        assert emptied.returncode == 0, emptied.stderr

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the read models in SQL. A statement without rows gives []."""
        url = os.environ.get("READ_MODELS_URL")
        read: Any
        if url:
            read = psycopg.connect(url, autocommit=True)
        else:
            file = self.var / "read_models.sqlite3"
            read = sqlite3.connect(file, timeout=5, isolation_level=None)
        try:
            cursor = read.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            read.close()

    def positions(self) -> set[int]:
        """Where the projections are."""
        return {at for (at,) in self.rows("SELECT position FROM projections_checkpoint")}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py …` to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Run `manage.py …` beside the test."""
        with (self.var / "processes.log").open("ab") as out:
            started = subprocess.Popen(
                [sys.executable, "manage.py", *words],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.running.append(started)
        return started

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Without any warning."""
        process.kill()
        process.wait(10)
        self.running.remove(process)

    def close(self) -> None:
        """End whatever runs."""
        for process in list(self.running):
            process.send_signal(signal.SIGTERM)
        for process in list(self.running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            self.running.remove(process)

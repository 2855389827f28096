"""The writer thread: group commit, and what happens when the disk fails.

Waiting operations share one transaction, so sixteen clients pay for one sync. Nothing is
acknowledged, or shown to subscribers, before the commit has returned. It knows the log and the
event loop; it knows nothing of gRPC.
"""

import asyncio
import logging
import os
import queue
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.operations import Outcome, Record, Transaction

EXIT_DISK_ERROR = 75
"""EX_TEMPFAIL of sysexits.h: start me again, and I recover from what is on the disk."""

_MAX_GROUP = 256
_CHECKPOINT_COMMITS = 200
_CHECKPOINT_BYTES = 4 * 1024 * 1024

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class DiskFullError(Exception):
    """Nothing was written because there is no space; reading goes on, and writing will again."""


class WriteExpiredError(Exception):
    """Nothing was written: the client's deadline passed while the operation was waiting."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    operation: Transaction
    future: asyncio.Future[Outcome]
    expires_at: float


@dataclass(frozen=True, slots=True)
class _Chore:
    work: Callable[[Log], Any]
    future: asyncio.Future[Any]


_Result = tuple[_Waiting | _Chore, Any]


class Writer:
    """Carries out operations one group at a time.

    ``on_commit`` runs in the event loop. ``on_sync`` is called in the writer's thread with the
    seconds that each commit took.
    """

    def __init__(
        self,
        log: Log,
        on_commit: Callable[[list[Record]], None],
        on_sync: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._log = log
        self._on_commit = on_commit
        self._on_sync = on_sync
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Waiting | _Chore | None] = queue.SimpleQueue()
        self._chores: list[_Chore] = []
        self._stopping = False
        self._commits_since_checkpoint = 0
        self._bytes_since_checkpoint = 0
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Transaction, expires_at: float) -> asyncio.Future[Outcome]:
        """Queue an operation; ``expires_at`` is a ``time.monotonic()`` moment.

        The future raises DiskFullError or WriteExpiredError when nothing was written.
        """
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._queue.put(_Waiting(operation, future, expires_at))
        return future

    def do(self, work: Callable[[Log], Result]) -> asyncio.Future[Result]:
        """Queue upkeep: ``work`` gets the log between two transactions, while appends wait.

        The future raises what ``work`` raised, DiskFullError when there was no space.
        """
        future: asyncio.Future[Result] = self._loop.create_future()
        self._queue.put(_Chore(work, future))
        return future

    async def stop(self) -> None:
        """Finish what is queued, then end the thread. The log stays open."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            while not self._stopping:
                if group := self._next_group():
                    self._write(group)
                self._do_chores()
                self._checkpoint_when_due()
        except BaseException as error:  # noqa: BLE001 - without its writer the store is no store
            fail_stop(error)

    def _next_group(self) -> list[_Waiting]:
        """The operations that wait right now; lays chores aside, and notices the end."""
        group: list[_Waiting] = []
        item = self._queue.get()
        while True:
            match item:
                case None:
                    self._stopping = True
                    return group
                case _Chore():
                    self._chores.append(item)
                case _Waiting():
                    group.append(item)
            if len(group) == _MAX_GROUP:
                return group
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group

    def _do_chores(self) -> None:
        while self._chores:
            chore = self._chores.pop(0)
            try:
                result = chore.work(self._log)
            except Exception as error:  # noqa: BLE001 - upkeep that fails is not the store's end
                result = _reason_to_go_on(error)
            self._commits_since_checkpoint = _CHECKPOINT_COMMITS
            results: list[_Result] = [(chore, result)]
            self._loop.call_soon_threadsafe(self._announce, [], results)

    def _write(self, group: list[_Waiting]) -> None:
        try:
            results = self._execute(group)
            began = time.perf_counter()
            records = self._log.commit()
            took = time.perf_counter() - began
        except Exception as error:  # noqa: BLE001 - one operation's failure is not the others'
            refusal = _reason_to_go_on(error)
            self._log.roll_back()
            if len(group) > 1:
                # One operation may have spoilt it for all: give each a transaction of its own.
                for waiting in group:
                    self._write([waiting])
                return
            results, records = [(group[0], refusal)], []
        else:
            self._on_sync(took)
        self._commits_since_checkpoint += 1
        self._bytes_since_checkpoint += sum(len(record.response) for record in records)
        self._loop.call_soon_threadsafe(self._announce, records, results)

    def _execute(self, group: list[_Waiting]) -> list[_Result]:
        self._log.begin()
        return [
            (
                waiting,
                WriteExpiredError()
                if time.monotonic() > waiting.expires_at
                else self._log.carry_out(waiting.operation),
            )
            for waiting in group
        ]

    def _announce(self, records: list[Record], results: list[_Result]) -> None:
        if records:
            self._on_commit(records)
        for waiting, result in results:
            if waiting.future.done():
                continue
            if isinstance(result, Exception):
                waiting.future.set_exception(result)
            else:
                waiting.future.set_result(result)

    def _checkpoint_when_due(self) -> None:
        if (
            self._commits_since_checkpoint < _CHECKPOINT_COMMITS
            and self._bytes_since_checkpoint < _CHECKPOINT_BYTES
        ):
            return
        try:
            self._log.checkpoint()
        except sqlite3.OperationalError as error:
            _reason_to_go_on(error)
        self._commits_since_checkpoint = self._bytes_since_checkpoint = 0


def _reason_to_go_on(error: Exception) -> Exception:
    """The error for the client; does not return when the disk can no longer be trusted."""
    if not isinstance(error, sqlite3.Error):
        logger.error("an operation failed", exc_info=error)
        return error
    if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
        fail_stop(error)
    return DiskFullError()


def fail_stop(error: BaseException) -> NoReturn:
    """End the process at once.

    After a failed sync the kernel may have dropped the pages it could not write and call the next
    sync a success: only a fresh start, reading from the disk, knows what is really there.
    """
    sys.stderr.write(
        f"embedded eventstore: the log cannot be written ({error!r}). Stopping, so that nothing is"
        " acknowledged that is not on the disk. Start it again once the disk is well.\n"
    )
    sys.stderr.flush()
    os._exit(EXIT_DISK_ERROR)

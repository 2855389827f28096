"""Locks of a shop's directory: a second supervisor on the same files refuses, with a sentence.

Two locks. `serve.lock` is the supervisor's. `family.lock` is inherited by its children and so held
until the last of them is gone: after a kill -9 of the supervisor, the next one waits for that.
"""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

FAMILY_SECONDS = 20.0


class AlreadyOpen(Exception):
    """Another supervisor, or what it left behind, runs the shop in this directory."""


@dataclass(frozen=True, kw_only=True)
class Locks:
    """The descriptors of both. A lock is held until everybody has closed its descriptor."""

    supervisor: int
    family: int  # children have to inherit it


def take(directory: Path) -> Locks:
    """Take both locks, until the process ends.

    Waits for the children of a dead supervisor. Raises `AlreadyOpen`.
    """
    supervisor = _open(directory / "serve.lock")
    if not _locked(supervisor):
        raise AlreadyOpen(
            f"The shop in {directory} is already open: another `manage.py serve` runs there. "
            "Stop that one, or set BARSTUCKS_VAR to another directory."
        )
    family = _open(directory / "family.lock")
    deadline = time.monotonic() + FAMILY_SECONDS
    while not _locked(family):
        if time.monotonic() > deadline:
            raise AlreadyOpen(
                f"Processes of an earlier shop in {directory} are still running; their ids are "
                f"in {directory / 'run.json'}."
            )
        time.sleep(0.1)
    return Locks(supervisor=supervisor, family=family)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

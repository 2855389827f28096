"""``python -m embedded_eventstore backup|restore|verify|scavenge``: the log's upkeep by hand.

Each ends with 0, or with 1 and a sentence on the standard error.
"""

import argparse
import os
import sqlite3
import sys
from pathlib import Path

from embedded_eventstore.storage import schema
from embedded_eventstore.storage.data_directory import DataDirectory
from embedded_eventstore.storage.log import Log
from embedded_eventstore.upkeep.backup import BackupRefusedError, back_up, restore
from embedded_eventstore.upkeep.scavenge import compact, scavenge_step
from embedded_eventstore.upkeep.verification import verify


def main(arguments: list[str]) -> int:
    """Carry out the command that ``arguments`` begin with."""
    options = _parser().parse_args(arguments)
    os.umask(0o077)
    try:
        sentence = options.command(options)
    except (BackupRefusedError, schema.UnusableStoreError) as refusal:
        sys.stderr.write(f"embedded eventstore: {refusal}\n")
        return 1
    except sqlite3.DatabaseError as error:
        sys.stderr.write(f"embedded eventstore: the log cannot be worked on: {error}.\n")
        return 1
    sys.stdout.write(f"{sentence}\n")
    return 0


def _backup(options: argparse.Namespace) -> str:
    target, report = back_up(options.data, options.to)
    return f"Backed up to {target}. {report}"


def _restore(options: argparse.Namespace) -> str:
    report = restore(options.source, options.data)
    return f"Restored into {options.data}; it is the same log, {report.instance_id}. {report}"


def _verify(options: argparse.Namespace) -> str:
    report = verify(options.data / schema.FILE_NAME)
    if report.problems:
        raise schema.UnusableStoreError(str(report))
    return str(report)


def _scavenge(options: argparse.Namespace) -> str:
    if not (options.data / schema.FILE_NAME).exists():
        raise schema.UnusableStoreError(f"There is no log in {options.data}.")
    home = DataDirectory(options.data)
    try:
        log = Log(options.data)
        removed = scavenge(log)
        log.close()
    finally:
        home.release()
    return f"Removed {removed} events for good."


def scavenge(log: Log) -> int:
    """Remove what is deleted and every trace of it in the log's files; how many events it was.

    Raises schema.UnusableStoreError when a reader keeps traces alive.
    """
    removed, cursor = 0, 0
    while True:
        step = scavenge_step(log.connection, cursor)
        removed += step.removed
        log.checkpoint()
        if step.cursor is None:
            break
        cursor = step.cursor
    compact(log.connection)
    if not log.empty_write_ahead_log():
        raise schema.UnusableStoreError(
            f"Removed {removed} events, but their bytes are still in the write-ahead log: something"
            " reads it, a backup perhaps. Run this command again when that has ended."
        )
    return removed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="embedded-eventstore", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, command, purpose in (
        ("backup", _backup, "copy the log to a new file, also while a server writes it"),
        ("restore", _restore, "make a new directory of a backup"),
        ("verify", _verify, "check that everything is as it was recorded"),
        ("scavenge", _scavenge, "remove what is deleted; no server may be running"),
    ):
        command_parser = commands.add_parser(name, help=purpose, description=purpose)
        command_parser.set_defaults(command=command)
        command_parser.add_argument("--data", type=Path, required=True, help="directory of the log")
        if name == "backup":
            command_parser.add_argument("--to", type=Path, required=True, help="file or directory")
        if name == "restore":
            command_parser.add_argument("--from", type=Path, required=True, dest="source")
    return parser


NAMES = ("backup", "restore", "verify", "scavenge")

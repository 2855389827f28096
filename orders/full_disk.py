"""Whether a failure means that a disk is full: the shop's own, or that of its database server.

Knows how SQLite, PostgreSQL and the system say it, and nothing of what was to be written.
"""

import errno
import sqlite3

SQLITE_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
"""SQLite says "full" where a page of the database has no room, "disk I/O error" where one of its
journals has none, "unable to open" where the journal cannot even be made."""

POSTGRESQL_DISK_FULL = "53100"
SYSTEM_CODES = (errno.ENOSPC, errno.EDQUOT)


def is_full_disk(error: BaseException) -> bool:
    """Whether this error, or one it follows from, says that there is no room."""
    step: BaseException | None = error
    while step is not None:
        if isinstance(step, OSError) and step.errno in SYSTEM_CODES:
            return True
        # The low byte is the kind of error; the rest says where it happened.
        if getattr(step, "sqlite_errorcode", 0) & 0xFF in SQLITE_CODES:
            return True
        if getattr(step, "sqlstate", "") == POSTGRESQL_DISK_FULL:
            return True
        step = step.__cause__
    return False

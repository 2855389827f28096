"""The chained checksum: each event's link is made of its bytes and of the link before it.

One link stands for everything that was recorded up to its event, so a changed byte, a missing, an
added or a moved event shows. When a scavenge removes an event, the digest of its bytes stays in the
chain; the bytes cannot be guessed from it, because they held a random event id. Detects accidents:
who may write the file can make a new chain. Knows the chain's table, nothing of streams.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256

Growth = tuple[int, bytes]
"""Where the chain will end: the last event's position and link."""

_INSERT = "INSERT INTO chain (position, link) VALUES (?, ?)"


def digest(response: bytes) -> bytes:
    """What stands for the bytes of one event."""
    return sha256(response).digest()


def link(previous: bytes, event_digest: bytes) -> bytes:
    """The link of an event behind the link ``previous``."""
    return sha256(previous + event_digest).digest()


def origin(instance_id: str) -> bytes:
    """What the first event's link is chained to: no two logs share a chain."""
    return digest(instance_id.encode())


class Chain:
    """The end of the chain, where it grows. Belongs to the connection that writes."""

    def __init__(self, connection: sqlite3.Connection, instance_id: str) -> None:
        self._connection = connection
        last = connection.execute(
            "SELECT position, link FROM chain ORDER BY position DESC LIMIT 1"
        ).fetchone()
        end: Growth = last or (-1, origin(instance_id))
        self.last_position, self.head = end

    def grow(self, recorded: Iterable[tuple[int, bytes]]) -> Growth:
        """Chain events (position and bytes, in order) inside the open transaction.

        The chain's end moves only with ``keep``, after the commit.
        """
        end = (self.last_position, self.head)

        def links() -> Iterator[Growth]:
            nonlocal end
            for position, response in recorded:
                end = (position, link(end[1], digest(response)))
                yield end

        self._connection.executemany(_INSERT, links())
        return end

    def keep(self, growth: Growth) -> None:
        """The transaction is committed: from here on the chain ends there."""
        self.last_position, self.head = growth

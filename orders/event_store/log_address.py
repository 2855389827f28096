"""An address of the log, taken apart: who logs in, where, and which authority its nodes have.

For what the client library does not do: its users, its certificates. Knows no call.
"""

import ssl
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, urlsplit, urlunsplit


@dataclass(frozen=True, kw_only=True)
class LogAddress:
    """Scheme, user, hosts with their ports, and the options as they are written."""

    scheme: str
    username: str
    password: str
    hosts: tuple[str, ...]
    query: str

    @classmethod
    def read(cls, uri: str) -> Self:
        """Take an address apart; what it does not name is empty."""
        parts = urlsplit(uri)
        user, _, hosts = parts.netloc.rpartition("@")
        username, _, password = user.partition(":")
        return cls(
            scheme=parts.scheme,
            username=username,
            password=password,
            hosts=tuple(hosts.split(",")),
            query=parts.query,
        )

    def of(self, username: str, password: str) -> str:
        """The same log's address for another user."""
        at = f"{username}:{password}@{','.join(self.hosts)}"
        return urlunsplit((self.scheme, at, "", self.query, ""))

    def authority(self) -> ssl.SSLContext | None:
        """What the log's certificate is checked against; None without TLS. Raises OSError."""
        options = {name.lower(): values[-1] for name, values in parse_qs(self.query).items()}
        if options.get("tls", "true").lower() == "false":
            return None
        return ssl.create_default_context(cafile=options.get("tlscafile"))

"""How a server is secured: with passwords over TLS, or not at all, which is for loopback only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from embedded_eventstore.access.accounts import FILE_NAME, Accounts, OpenToAll
from embedded_eventstore.access.authentication import Authenticator
from embedded_eventstore.access.certificates import Certificates

LOOPBACK = ("127.0.0.1", "localhost", "::1")

WHAT_INSECURE_GIVES_UP = (
    "--insecure: nothing is encrypted, nobody is asked for a password, and no access right is"
    " checked. Every program on this machine may read, write and delete everything."
)


@dataclass(frozen=True, slots=True)
class ServerSecurity:
    """``certificates`` is None when the server is insecure."""

    accounts: Authenticator
    certificates: Certificates | None
    hints: str
    """Where a person finds what clients need; holds no secret."""

    def credentials(self) -> grpc.ServerCredentials | None:
        return self.certificates.for_grpc() if self.certificates else None


def closed(directory: Path, host: str, advertised: Sequence[str] = ()) -> ServerSecurity:
    """TLS and passwords, whose files are made in ``directory``. Raises UnusableStoreError."""
    certificates = Certificates(directory, host, advertised=advertised)
    return ServerSecurity(
        Accounts(directory),
        certificates,
        f"clients trust {certificates.authority_file.absolute()}; names and passwords are in"
        f" {(directory / FILE_NAME).absolute()}",
    )


def insecure() -> ServerSecurity:
    """Neither TLS nor passwords."""
    return ServerSecurity(OpenToAll(), None, "")


def refusal(host: str, *, insecure: bool) -> str | None:
    """Why a server must not listen on ``host`` like this; None when it may."""
    if not insecure or host in LOOPBACK:
        return None
    return (
        f"Will not listen on {host} with --insecure: without TLS and passwords the log would be"
        " open to the network. Leave out --insecure, or listen on 127.0.0.1."
    )

"""The connection string for clients on this machine: it holds a password, so keep it private.

For whoever starts the server and its clients together; made before the server runs, if need be.
"""

from pathlib import Path
from urllib.parse import quote

from embedded_eventstore.access.accounts import APPLICATION, UnusableAccountsError, read_accounts
from embedded_eventstore.access.certificates import AUTHORITY_FILE


def connection_string(
    directory: Path, port: int, *, name: str = APPLICATION, host: str = "127.0.0.1"
) -> str:
    """How ``name`` connects to the closed server of ``directory``, which may not exist yet.

    Raises UnusableAccountsError, also when there is no such account.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableAccountsError(f"{directory} cannot be made: {error.strerror}.") from error
    accounts = read_accounts(directory)
    if name not in accounts:
        raise UnusableAccountsError(f"There is no account {name!r} in {directory}.")
    password, _ = accounts[name]
    authority = quote(str((directory / AUTHORITY_FILE).absolute()))
    return f"esdb://{name}:{password}@{host}:{port}?TlsCaFile={authority}"

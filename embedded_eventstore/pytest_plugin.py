"""For the tests of other programs: the fixture ``embedded_eventstore``.

pytest finds it by itself once the package is installed.
"""

from collections.abc import Iterator

import pytest

from embedded_eventstore.fresh_servers import FreshServers


@pytest.fixture(scope="session")
def _fresh_eventstores() -> Iterator[FreshServers]:
    servers = FreshServers()
    yield servers
    servers.end()


@pytest.fixture
def embedded_eventstore(_fresh_eventstores: FreshServers) -> Iterator[str]:
    """The connection string of an event store that is empty, and closed when the test ends.

    It asks for no password and has no TLS; its system projections can be enabled.
    """
    server = _fresh_eventstores.open()
    yield server.connection_string
    _fresh_eventstores.close(server)

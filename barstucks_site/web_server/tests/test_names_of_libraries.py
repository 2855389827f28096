"""What the web server overrides and reads in Daphne, Twisted and Autobahn is still there.

None of it is promised by those libraries, and a method that nobody calls any more fails in silence.
`requirements.in` keeps Daphne below the next version in which this may change.
"""

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
from daphne import http_protocol, server, ws_protocol
from twisted.internet import tcp
from twisted.web import http

ROOT = Path(__file__).parents[3]

OVERRIDDEN: list[tuple[type[Any], str]] = [
    (http_protocol.WebRequest, "__init__ handleContentChunk handle_reply error_template"),
    (
        http.HTTPChannel,
        (
            "connectionMade dataReceived requestDone lineReceived headerReceived "
            "lineLengthExceeded allHeadersReceived allContentReceived "
            "rawDataReceived connectionLost requestFactory "
            "_respondToBadRequestAndDisconnect"
        ),
    ),
    (http_protocol.HTTPFactory, "__init__ buildProtocol log"),
    (server.Server, "__init__ run create_application kill_all_applications log_action"),
    (
        ws_protocol.WebSocketProtocol,
        "onMessage onClose serverClose onFrameBegin connectionMade connectionLost",
    ),
    (ws_protocol.WebSocketFactory, "buildProtocol protocol"),
]

READ: list[tuple[type[Any], str]] = [
    (http.HTTPChannel, "_handlingRequest _version length persistent requests callLater"),
    (http_protocol.WebRequest, "server channel responseHeaders"),
    (
        server.Server,
        (
            "application_checker timeout_checker connections ping_timeout server_name "
            "websocket_handshake_timeout websocket_max_message_size websocket_max_frame_size"
        ),
    ),
    (ws_protocol.WebSocketProtocol, "application_queue muted state STATE_OPEN sendCloseFrame"),
    (ws_protocol.WebSocketProtocol, "sendPreparedMessage transport"),
    (ws_protocol.WebSocketFactory, "server_class"),
    (tcp.Connection, "dataBuffer offset _tempDataLen"),
]


def _names_in(library: type[Any]) -> set[str]:
    """What a class and its bases have, and what their methods set or read of an instance."""
    names = set(dir(library))
    for base in library.__mro__[:-1]:
        try:
            tree = ast.parse(Path(inspect.getfile(base)).read_bytes())
        except TypeError:  # built into Python
            continue
        classes = [c for c in ast.walk(tree) if isinstance(c, ast.ClassDef)]
        for found in (c for c in classes if c.name == base.__name__):
            names |= {n.attr for n in ast.walk(found) if isinstance(n, ast.Attribute)}
    return names


@pytest.mark.parametrize(
    ("library", "name"),
    [(library, name) for library, names in [*OVERRIDDEN, *READ] for name in names.split()],
    ids=lambda given: getattr(given, "__name__", given),
)
def test_a_name_that_the_web_server_uses_is_there(library: type[Any], name: str) -> None:
    assert name in _names_in(library)


def test_daphne_stays_below_the_next_version_that_may_change_them() -> None:
    required = (ROOT / "requirements.in").read_text().splitlines()

    assert "daphne>=4.2.3,<4.3" in required

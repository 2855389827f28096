"""Listening sockets: opening one, the sentence when that fails, and finding a free port."""

import errno
import random
import socket
from contextlib import suppress

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
BACKLOG = 1024
LOWEST, HIGHEST = 20_000, 29_999
"""Where free ports are looked for: below the range from which systems give ports to outgoing
connections (Linux: 32,768 and up), so that a client calling a stopped server cannot reach itself
and nobody is given the port while the server restarts."""


class NoFreePort(Exception):
    """Every port tried is in use."""

    def __str__(self) -> str:
        return f"No free port was found between {LOWEST} and {HIGHEST}."


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any. Raises `OSError` if the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def refusal(host: str, port: int, wrong: OSError) -> str:
    """The sentence for a port that cannot be had."""
    match wrong.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} on {host} is in use by another program. Choose another one with "
                "--port, or --port 0 for any free one."
            )
        case errno.EACCES:
            return f"Port {port} needs an administrator. Choose one above 1023 with --port."
        case _:
            return f"{host} port {port} cannot be listened on: {wrong.strerror}."


def free_port(host: str = "127.0.0.1", *, besides: int | None = None) -> int:
    """A port nobody listens on now, and another than `besides`. Raises `NoFreePort`.

    At random: of two shops that open at the same moment, both would take the lowest.
    """
    for _ in range(50):
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 - no secret
        if port == besides:
            continue
        with suppress(OSError), listen(host, port):
            return port
    raise NoFreePort

"""A small TCP proxy between a browser and the shop, which can be cut or frozen.

Cut: every connection breaks and no new one is taken. Frozen: connections stay, nothing arrives:
the worse case, for neither end notices.
"""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 65536


class TcpProxy:
    """Listens on a loopback port of its own and carries everything to `port`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._flowing = threading.Event()
        self._flowing.set()
        self._plugged = True
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.mend()
        self._hang_up()

    def cut(self) -> None:
        """Break every connection and take no new one."""
        self._plugged = False
        self._hang_up()

    def freeze(self) -> None:
        """Keep the connections, and let nothing through."""
        self._flowing.clear()

    def lead_to(self, port: int) -> None:
        """Carry what comes from now on to another port, and break what is open."""
        self._to = port
        self._hang_up()

    def mend(self) -> None:
        """Take connections and pass everything on again."""
        self._plugged = True
        self._flowing.set()

    def _hang_up(self) -> None:
        with self._lock:
            open_now, self._sockets = self._sockets, set()
        for connection in open_now:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._plugged:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._sockets |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while carried := source.recv(CHUNK):
                self._flowing.wait()
                target.sendall(carried)
        for connection in (source, target):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        with self._lock:
            self._sockets -= {source, target}

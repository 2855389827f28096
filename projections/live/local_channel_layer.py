"""A channel layer for one machine: in memory, and between processes by unix datagrams.

Each process that has group members binds one socket in a directory; sending to a group sends one
datagram to each of the others. Lossy by design: the screens' protocol heals what is lost. Unlike
the layer it builds on, membership never ends by itself, whatever the clock or a slow reader does.
"""

import asyncio
import atexit
import json
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer

LARGEST_DATAGRAM = 200_000
"""Bytes. Linux lets an unprivileged unix socket send a little more than this (212,992)."""

FULL_PAUSE = 0.002
FULL_TRIES = 50
"""A reader that is busy has room for a few datagrams: wait for it up to a tenth of a second."""


class LocalChannelLayer(InMemoryChannelLayer):
    """Channels' in-memory layer, joined with those of the other processes of this shop."""

    def __init__(self, directory: str, capacity: int = 1_000, **options: Any) -> None:
        super().__init__(capacity=capacity, **options)
        self._directory = Path(directory)
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sender.setblocking(False)

    async def group_add(self, group: str, channel: str) -> None:
        """Join a group; from now on this process also receives from the others."""
        await super().group_add(group, channel)
        self._listen()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to the members in this process and in all others. Drops what nobody can take."""
        if self.groups.get(group):
            await super().group_send(group, message)
        datagram = json.dumps([group, message]).encode()
        if len(datagram) > LARGEST_DATAGRAM or not self._directory.is_dir():
            return
        for other in sorted(self._directory.iterdir()):
            if other.name != self._name:
                await self._send_to(other.name, datagram)

    async def close(self) -> None:
        """Leave: the others find no socket any more."""
        self._unbind()

    def _clean_expired(self) -> None:
        """Nothing expires: a full queue drops what is new, and membership lasts."""

    async def _send_to(self, name: str, datagram: bytes) -> None:
        for _ in range(FULL_TRIES):
            try:
                with _short_path(self._directory, name) as path:
                    self._sender.sendto(datagram, path)
            except BlockingIOError:
                await asyncio.sleep(FULL_PAUSE)
                continue
            except ConnectionRefusedError:
                (self._directory / name).unlink(missing_ok=True)  # its process is gone
            except OSError:
                pass
            return

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        if self._socket is not None and self._loop is loop:
            return
        self._unbind()
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.setblocking(False)
        with _short_path(self._directory, self._name) as path:
            listener.bind(path)
        self._socket, self._loop = listener, loop
        loop.add_reader(listener, self._read)
        atexit.register(self._unbind)

    def _unbind(self) -> None:
        if self._socket is None:
            return
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
        self._socket.close()
        self._socket = self._loop = None
        (self._directory / self._name).unlink(missing_ok=True)

    def _read(self) -> None:
        assert self._socket is not None
        with suppress(BlockingIOError):
            while True:
                group, message = json.loads(self._socket.recv(LARGEST_DATAGRAM + 1))
                for channel in self.groups.get(group, {}):
                    self._deliver(channel, message)

    def _deliver(self, channel: str, message: dict[str, Any]) -> None:
        queue = self.channels.setdefault(channel, asyncio.Queue(maxsize=self.get_capacity(channel)))
        with suppress(asyncio.QueueFull, ChannelFull):
            queue.put_nowait((0.0, message))


class _short_path:  # noqa: N801 - reads like the function it is
    """A path to a file in a directory that fits the 107 bytes of a unix socket's address."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = str(directory / name)
        self._directory, self._name = directory, name
        self._descriptor = -1

    def __enter__(self) -> str:
        if len(self._path.encode()) <= 107:
            return self._path
        self._descriptor = os.open(self._directory, os.O_RDONLY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._descriptor}/{self._name}"

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

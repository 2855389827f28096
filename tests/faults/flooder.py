"""A flooder: one process, many connections, each sending again when it was answered.

Kept small and cheap, so that on one machine with the shop it takes the shop's processor as little
as it can: raw requests over asyncio, at a low priority, and each connection at most so often in a
second. Prints how often it was answered what.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import time
import uuid
from collections import Counter
from urllib.parse import urlsplit

NICE = 5


class Flooder:
    """Sends the requests of one kind until the time is up."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        parts = urlsplit(options.url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._deadline = time.monotonic() + options.seconds
        self._numbers = itertools.count()
        self.answered: Counter[str] = Counter()

    async def run(self) -> None:
        """All connections at once."""
        connections = (self._connection(n) for n in range(self._options.connections))
        await asyncio.gather(*connections)

    async def _connection(self, number: int) -> None:
        await asyncio.sleep(number / self._options.connections)
        while time.monotonic() < self._deadline:
            with contextlib.suppress(
                OSError, TimeoutError, asyncio.IncompleteReadError, ValueError
            ):
                await self._requests(number)
                continue
            self.answered["broken"] += 1
            await asyncio.sleep(self._options.pause)

    async def _requests(self, number: int) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            while (left := self._deadline - time.monotonic()) > 0:
                writer.write(self._request(number))
                async with asyncio.timeout(left + 20):
                    status, closes = await _response(reader)
                self.answered[status] += 1
                await asyncio.sleep(self._options.pause)
                if closes:
                    return
        finally:
            writer.close()

    def _request(self, connection: int) -> bytes:
        addresses = self._options.addresses
        headers = [
            f"Host: {self._host}:{self._port}",
            f"X-Forwarded-For: 203.0.113.{connection % addresses + 1}",
            f"Origin: http://{self._host}:{self._port}",
        ]
        if self._options.cookie:
            headers.append(f"Cookie: {self._options.cookie}")
        body = b""
        line = f"GET {self._options.path} HTTP/1.1"
        if self._options.post == "login":
            name = f"nobody-{next(self._numbers)}"
            fields = f"csrfmiddlewaretoken={self._options.token}&username={name}&password=guess"
            body, line = fields.encode(), "POST /staff/login/ HTTP/1.1"
            headers.append("Content-Type: application/x-www-form-urlencoded")
        elif self._options.post == "order":
            line = "POST /api/orders/ HTTP/1.1"
            item = {"item": "espresso"}
            order = {"command_id": str(uuid.uuid4()), "items": [item], "name": "ATTACKER"}
            body = json.dumps(order).encode()
            headers.append("Content-Type: application/json")
        if body:
            headers.append(f"Content-Length: {len(body)}")
        return "\r\n".join([line, *headers, "", ""]).encode() + body


async def _response(reader: asyncio.StreamReader) -> tuple[str, bool]:
    """The status, and whether the connection ends with this response."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    if headers.get("transfer-encoding") == "chunked":
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))
    return lines[0].split(" ")[1], headers.get("connection") == "close"


def main() -> None:
    """Flood, then say what was answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--path", default="/")
    parser.add_argument("--post", choices=("", "login", "order"), default="")
    parser.add_argument("--cookie", default="")
    parser.add_argument("--token", default="")
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--addresses", type=int, default=1, help="that they seem to come from")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pause", type=float, default=1.0, help="of a connection after a response")
    options = parser.parse_args()
    os.nice(NICE)
    flooder = Flooder(options)
    asyncio.run(flooder.run())
    print(json.dumps(flooder.answered))


if __name__ == "__main__":
    main()

"""A browser's bare necessities: one request, one response."""

import base64
import http.client
import json
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from embedded_eventstore.access.accounts import read_accounts
from embedded_eventstore.tests.server_process import ServerProcess


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class WebClient:
    address: str
    data: Path

    @classmethod
    def of(cls, server: ServerProcess) -> Self:
        assert server.process.stdout is not None
        line = server.process.stdout.readline().strip()
        return cls(line.rpartition(" ")[2], server.data)

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port
        return port

    def get(self, path: str, method: str = "GET", **headers: str) -> Response:
        with closing(self._connection()) as connection:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            given = {name.lower(): value for name, value in response.getheaders()}
            return Response(response.status, given, response.read())

    def get_as(self, name: str, path: str) -> Response:
        password, _ = read_accounts(self.data)[name]
        encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
        return self.get(path, authorization=f"Basic {encoded}")

    def _connection(self) -> http.client.HTTPConnection:
        if self.address.startswith("https:"):
            trusting = ssl.create_default_context(cafile=self.data / "ca.crt")
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=trusting)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

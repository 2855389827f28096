"""One request and its response, without the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """``headers`` by lower-case name."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> list[str]:
        """The parts of the path; a stream's name may hold a slash, written as ``%2F``.

        Raises ValueError when it is not UTF-8.
        """
        path = urlsplit(self.target).path
        return [unquote(part, errors="strict") for part in path.removeprefix("/").split("/")]

    def query(self, name: str) -> str | None:
        """A value of the query; None when it is missing."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True).get(name, [None])[0]


@dataclass(frozen=True, slots=True)
class Response:
    status: HTTPStatus
    content_type: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    # Only ASCII: half a surrogate in an event must not spoil the whole page.
    return Response(status, JSON, json.dumps(content, indent=2).encode() + b"\n")


def redirect(location: str) -> Response:
    return Response(HTTPStatus.FOUND, headers={"Location": location})

"""Reads the part of YAML that docker-compose.yml keeps to; anything else is an error.

Maps and lists by indentation, `&anchors`, `*aliases` and `<<` merges of maps, flow lists in JSON,
scalars plain or in double quotes. Enough to check the file without another package.
"""

import json
import re
from typing import Any

_KEY = re.compile(r"(?P<key>[\w<.-]+):(?: (?P<value>.*))?$")


class NotThatSimple(ValueError):
    """A line that this reader does not know; it carries the line."""


class ComposeReader:
    """One file, read once from top to bottom."""

    def __init__(self, text: str) -> None:
        kept = [line for line in text.splitlines() if line.split("#")[0].strip()]
        self._lines = [(len(line) - len(line.lstrip()), line.strip()) for line in kept]
        self._at = 0
        self._anchors: dict[str, dict[str, Any]] = {}

    def read(self) -> dict[str, Any]:
        """The whole file as plain values. Raises `NotThatSimple`."""
        found = self._map(0)
        if self._at != len(self._lines):
            raise NotThatSimple(self._lines[self._at][1])
        return found

    def _block(self, indent: int) -> Any:
        if self._at == len(self._lines) or self._lines[self._at][0] < indent:
            return None
        deeper, line = self._lines[self._at]
        return self._list(deeper) if line.startswith("- ") else self._map(deeper)

    def _list(self, indent: int) -> list[str]:
        found: list[str] = []
        while self._at < len(self._lines) and self._lines[self._at][0] == indent:
            line = self._lines[self._at][1]
            if not line.startswith("- "):
                raise NotThatSimple(line)
            found.append(_scalar(line[2:]))
            self._at += 1
        return found

    def _map(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        own: set[str] = set()  # what was merged may be overridden
        while self._at < len(self._lines) and self._lines[self._at][0] == indent:
            match = _KEY.match(self._lines[self._at][1])
            if match is None or match["key"] in own:
                raise NotThatSimple(self._lines[self._at][1])
            self._at += 1
            own.add(match["key"])
            self._put(found, match["key"], match["value"] or "", indent)
        return found

    def _put(self, found: dict[str, Any], key: str, value: str, indent: int) -> None:
        if key == "<<":
            for name, inherited in self._anchors[value.removeprefix("*")].items():
                found.setdefault(name, inherited)
        elif value.startswith("&"):
            found[key] = self._anchors[value[1:]] = self._block(indent + 1)
        elif not value:
            found[key] = self._block(indent + 1)
        else:
            found[key] = json.loads(value) if value.startswith("[") else _scalar(value)


def _scalar(written: str) -> str:
    if written.startswith('"'):
        return str(json.loads(written))
    if written[0] in "&*{[|>'!%@`" or ": " in written or " #" in written:
        raise NotThatSimple(written)
    return written

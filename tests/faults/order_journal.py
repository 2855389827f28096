"""The journal of orders sent to a shop: what was asked for, written down before it was sent, and
what was answered.

By Jepsen's rule an answer is *ok* (it must be in the log), *fail* (a definite no: it must not be)
or *info* (a timeout, a broken connection, a 5xx: it may be, until the same key is answered ok).
Times are seconds of the system's monotonic clock, comparable between processes.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.shop import Shop

FILE_NAME = "orders.jsonl"


def journal_of(shop: Shop) -> Path:
    """The one file into which everybody writes who orders in that shop."""
    return shop.log.with_name(FILE_NAME)


Outcome = Literal["ok", "fail", "info"]


def outcome_of(status: int) -> Outcome:
    """What a response's status says about an order; 0 for no response at all."""
    if 200 <= status < 400:
        return "ok"
    return "fail" if 400 <= status < 500 else "info"


@dataclass(frozen=True)
class Answer:
    """One response to one sending."""

    at: float
    seconds: float
    status: int  # 0 for none
    fields: dict[str, Any]
    contents: dict[str, Any]

    @property
    def outcome(self) -> Outcome:
        """ok, fail or info."""
        return outcome_of(self.status)

    @property
    def order(self) -> str:
        """The id of the order it is about; "" if it names none."""
        token = str(self.fields.get("url", "")).partition("?")[0].rstrip("/").rpartition("/")[2]
        return token.partition(".")[0]


@dataclass
class Intent:
    """One key: everything sent under it, and everything answered."""

    key: str
    sent: list[dict[str, Any]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def answered(self, outcome: Outcome) -> list[Answer]:
        """The answers of that kind."""
        return [answer for answer in self.answers if answer.outcome == outcome]


@dataclass(frozen=True)
class Look:
    """One look at the menu."""

    at: float
    seconds: float
    status: int


class OrderJournal:
    """Appends lines to a file; several processes may write the same one."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def asked(self, key: str, contents: dict[str, Any]) -> None:
        """Note an order just before it is sent."""
        self._write(asked=key, contents=contents)

    def answered(
        self,
        key: str,
        contents: dict[str, Any],
        seconds: float,
        status: int,
        fields: dict[str, Any],
    ) -> None:
        """Note a response; status 0 for none."""
        self._write(
            answered=key,
            at=time.monotonic(),
            seconds=seconds,
            status=status,
            fields=fields,
            contents=contents,
        )

    def looked(self, seconds: float, status: int) -> None:
        """Note a look at the menu."""
        self._write(look=status, at=time.monotonic(), seconds=seconds)

    def _write(self, **line: Any) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


@dataclass(frozen=True)
class Journalled:
    """A journal that was read."""

    intents: dict[str, Intent]
    looks: list[Look]

    @property
    def answers(self) -> Iterator[Answer]:
        """All answers to orders."""
        return (answer for intent in self.intents.values() for answer in intent.answers)


def read_journal(path: Path) -> Journalled:
    """Everything in the file; nothing if there is none."""
    intents: dict[str, Intent] = defaultdict(lambda: Intent(""))
    looks = []
    for text in path.read_text().splitlines() if path.exists() else ():
        line = json.loads(text)
        if "look" in line:
            looks.append(Look(line["at"], line["seconds"], line["look"]))
            continue
        key = line.get("asked") or line["answered"]
        intent = intents[key]
        intent.key = key
        if "asked" in line:
            intent.sent.append(line["contents"])
        else:
            intent.answers.append(
                Answer(
                    line["at"], line["seconds"], line["status"], line["fields"], line["contents"]
                )
            )
    return Journalled(dict(intents), looks)

"""Events as printed: JSON, and the looser notation of articles. Text in, plain values out.

The looser one has names without quotes, strings in single quotes and `...` for what the author
left out. It knows nothing of events.
"""

import json
import re
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w-]))
      | (?P<dots>\.\.\.|…)
      | (?P<name>[A-Za-z_$][\w$-]*)
      | (?P<mark>[\[\]{}:,])
    )""",
    re.VERBOSE,
)
JSON_WORDS = frozenset({"true", "false", "null"})


class Unreadable(ValueError):
    """Neither JSON nor the printed notation; the message says where."""


def read_printed(text: str) -> Any:
    """The value in this text. Raises `Unreadable`."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return json.loads(_as_json(text))
    except json.JSONDecodeError as error:
        raise Unreadable(f"it is not JSON: {error.msg}.") from error


def _as_json(text: str) -> str:
    """The same value with every name and string in double quotes, and nothing left out."""
    parts: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        token = TOKEN.match(text, at)
        if token is None:
            line = text.count("\n", 0, at) + 1
            raise Unreadable(f"line {line} cannot be read.")
        at = token.end()
        match token.lastgroup, token[token.lastgroup or 0]:
            case "dots", _:
                continue
            case "string", quoted:
                parts.append(_double_quoted(quoted))
            case "name", name if name not in JSON_WORDS:
                parts.append(json.dumps(name))
            case _, mark if mark in "]}":
                # A comma before the end is one that stood before what was left out.
                if parts and parts[-1] == ",":
                    parts.pop()
                parts.append(mark)
            case _, as_it_is:
                parts.append(as_it_is)
    return " ".join(parts)


def _double_quoted(quoted: str) -> str:
    if quoted.startswith('"'):
        return quoted
    return json.dumps(re.sub(r"\\(.)", r"\1", quoted[1:-1]))

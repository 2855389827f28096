"""The examples of docs/api.md: every command that stands there is sent, and works."""

import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

import pytest

from tests.api.conftest import Program

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
ITEM = re.compile(r"([\w-]+)(:=|==|=|:)\s*(.*)", re.DOTALL)


def commands() -> list[str]:
    """Every line that is typed in the document, in its order."""
    blocks = re.findall(r"^```console\n(.*?)^```", DOCS.read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ http ")]


def sent(line: str) -> Any:
    """The response to a command of HTTPie, as far as the document uses it."""
    _, *words = shlex.split(line)
    method = words.pop(0) if words[0].isupper() else ""
    path = words.pop(0).removeprefix(":8000")
    query: dict[str, str] = {}
    body: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for word in words:
        found = ITEM.fullmatch(word)
        assert found is not None, word
        name, kind, value = found.groups()
        match kind:
            case "==":
                query[name] = value
            case "=":
                body[name] = value
            case ":=":
                body[name] = json.loads(value)
            case ":":
                headers[name.lower()] = value
    client = Program()
    if body or method == "POST":
        text = json.dumps(body) if body else ""
        return client.post(path, text, content_type="application/json", headers=headers)
    return client.get(path, query, headers=headers)


def test_every_example_of_the_document_works(ada: Program) -> None:
    known = {"TOKEN": ada.token}
    assert len(commands()) > 10
    for command in commands():
        response = sent(Template(command).safe_substitute(known))
        assert response.status_code in (200, 201), (command, response.content.decode())
        said = response.json()
        if "follow" in said:
            known |= {"FOLLOW": said["follow"], "ORDER": said["order"]}


def test_every_place_of_the_api_is_in_the_document() -> None:
    from barstucks_site.api_pages import OPERATIONS

    named = set(re.findall(r"`(/api/[a-z-]+/)", DOCS.read_text()))
    places = {"/".join([*operation.path.split("/")[:3], ""]) for operation in OPERATIONS}
    assert places - named == set()

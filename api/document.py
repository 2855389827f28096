"""The OpenAPI 3.1 document of the API, made of the operations and the types that they declare.

JSON Schema comes from the types themselves (`msgspec.json.schema_components`), so that it says what
is checked. Knows no single operation.
"""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, get_args, get_origin

import msgspec
from msgspec import inspect as types

from api.operation import Nothing, Operation
from api.requests import LONGEST_KEY
from staff.roles import PERMISSIONS

COMPONENTS = "#/components/schemas/{name}"
PROBLEM_RESPONSE = "#/components/responses/{status}"
PARAMETER = re.compile(r"\{(\w+)\}")
BEARER = "token"

DESCRIPTION = """What the shop's pages do, for programs: the same commands, the same read models.

Amounts are integer cents. Times carry their distance from UTC. A command is carried out once for
each `Idempotency-Key`, however often it is sent. What does not work is `application/problem+json`
with a `code` that stays the same, and a `detail` for a person to read."""

PATH_EXAMPLES = {
    "order": "0123456789abcdef0123456789abcdef",
    "stream": "shop-main",
    "kind": "item",
    "slug": "espresso",
}

PATH_WORDS = {
    "order": "An order: its hexadecimal id",
    "stream": "A stream of the log, like `order-…` or `shop-main`",
    "kind": "`item` or `option`",
    "slug": "Its name on the menu",
}

LINKED = "An order: the token of its link (`follow`); or its id, for who may see facts"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request did not do what it asked for (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""


PROBLEMS: Mapping[int, str] = {
    400: "The body is no JSON, or the request cannot be read",
    401: "Without a token or a session, or with a token that is not known",
    403: "The roles do not allow it",
    404: "There is nothing here",
    409: "A rule of the shop is against it, or the key was used for something else",
    413: "More than is taken in one go",
    415: "The body is something else than JSON",
    422: "Something that was sent makes no sense",
    429: "Too much was asked for; `Retry-After` says when to come back",
    503: "Not possible just now, and nothing was written; the same may be sent again",
    504: "It is not known whether it was written; the same may be sent again",
}


ONLY_COMMANDS = {409, 415, 504}

RETRY_AFTER = {"Retry-After": "After how many seconds it is worth sending again"}
HEADERS: Mapping[int, Mapping[str, str]] = {
    201: {"Location": "The page of what was made"},
    401: {"WWW-Authenticate": "`Bearer`"},
    **dict.fromkeys((429, 503, 504), RETRY_AFTER),
}
"""What a response says besides its body, by its status."""

REPLAYED = {"Idempotent-Replayed": "`true` if it was done when it came earlier; else left out"}


def document(operations: Sequence[Operation], *, title: str, version: str) -> dict[str, Any]:
    """The whole document, as plain values."""
    shapes = [shape for o in operations for shape in (o.returns, o.body)]
    queries = [o.query for o in operations]
    declared = list(dict.fromkeys([Problem, *shapes, *queries]))
    schemas, components = msgspec.json.schema_components(declared, ref_template=COMPONENTS)
    known = dict(zip(declared, schemas, strict=True))
    asked_for = {query.__name__ for query in queries}
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, known, components
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": {
                name: schema for name, schema in components.items() if name not in asked_for
            },
            "responses": {
                str(status): {
                    "description": words,
                    **_headers(HEADERS.get(status, {})),
                    "content": {"application/problem+json": {"schema": known[Problem]}},
                }
                for status, words in PROBLEMS.items()
            },
            "securitySchemes": {BEARER: {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    operation: Operation, known: Mapping[Any, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    writes = operation.method == "POST"
    said: dict[str, Any] = {
        "operationId": operation.name.removeprefix("api_"),
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [
            *_path_parameters(operation),
            *_query_parameters(components[operation.query.__name__]),
            *([KEY] if writes else ()),
        ],
        "responses": _responses(operation, known),
    }
    if operation.permission is None:
        said["security"] = [{}, {BEARER: []}]  # a token says who it is, where there is one
    else:
        words = PERMISSIONS[operation.permission]
        said["security"] = [{BEARER: []}]
        said["description"] = f"Needs the permission `{operation.permission}`: {words.lower()}."
    if operation.body is not Nothing:
        said["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(operation.body)),
            "content": {
                "application/json": {
                    "schema": known[operation.body],
                    "example": example_of(operation),
                }
            },
        }
    return said


KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The id of the command: sent again, it does nothing more. "
    "A new one for each command; a UUID, or, with a token, any text.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": LINKED if operation.opens and name == "order" else PATH_WORDS[name],
            "schema": {"type": "string"},
            "example": PATH_EXAMPLES[name],
        }
        for name in PARAMETER.findall(operation.path)
    ]


def _query_parameters(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of a query, each as a parameter of its own: what is left out is no null."""
    found = []
    for name, field in schema["properties"].items():
        said = {key: value for key, value in field.items() if key not in ("default", "description")}
        kinds = [kind for kind in said.pop("anyOf", []) if kind != {"type": "null"}]
        parameter = {"name": name, "in": "query", "schema": {**said, **(kinds or [{}])[0]}}
        if "description" in field or (kinds and "description" in kinds[0]):
            parameter["description"] = field.get("description") or kinds[0]["description"]
        found.append(parameter)
    return found


def _headers(said: Mapping[str, str]) -> dict[str, Any]:
    """The headers of a response, if it has any."""
    headers = {
        name: {"description": words, "schema": {"type": "string"}} for name, words in said.items()
    }
    return {"headers": headers} if headers else {}


def _responses(operation: Operation, known: Mapping[Any, Any]) -> dict[str, Any]:
    is_command = operation.method == "POST"
    done = {
        "description": "Done" if is_command else "What was asked for",
        **_headers(REPLAYED if is_command else {}),
        "content": {"application/json": {"schema": known[operation.returns]}},
    }
    responses = {"200": done}
    if operation.creates:
        first = {"description": "Done, for the first time", **_headers(HEADERS[201])}
        responses["201"] = {**done, **first}
    return responses | {
        str(status): {"$ref": PROBLEM_RESPONSE.format(status=status)}
        for status in PROBLEMS
        if _may_happen(status, operation)
    }


def _may_happen(status: int, operation: Operation) -> bool:
    if status == 403:
        return operation.permission is not None
    if status in ONLY_COMMANDS:
        return operation.method == "POST"
    return True


def example_of(operation: Operation) -> dict[str, Any]:
    """A body that works: the one that is declared, or one made of the fields that are needed."""
    return dict(operation.example) or {
        field.encode_name: _example(field.type)
        for field in msgspec.structs.fields(operation.body)
        if field.required
    }


def _example(annotation: Any) -> Any:
    """The first example of a type, or its first value."""
    kind = types.type_info(annotation)
    if isinstance(kind, types.Metadata):
        examples = (kind.extra_json_schema or {}).get("examples", [])
        if examples:
            return examples[0]
    plain = get_args(annotation)[0] if get_origin(annotation) is not None else annotation
    assert issubclass(plain, Enum), annotation
    return next(iter(plain)).value

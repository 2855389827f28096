"""Attempts: requests to one route, near what its pages would send, with absurd values in places.

Knows the routes and what was learned about them; sends nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote_from_bytes
from uuid import NAMESPACE_URL, uuid5

from hypothesis import strategies as st

from tests.faults.fuzz import nasty
from tests.faults.fuzz.knowledge import Knowledge
from tests.faults.fuzz.routes import Route

OTHER_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CHANGES = ("replace", "replace", "replace", "double", "leave")
FORM = b"application/x-www-form-urlencoded"
REPEATED_ID = "0c000000-0000-4000-8000-000000000000"
"""The command id in an example of a JSON body."""

BOUNDARY = b"b0undary"
ACCEPTED = (b"text/html", b"application/json", b"*/*", b"", b"application/json;q=nan, */*;q=x")
KINDS = (FORM, FORM, FORM, FORM, b"multipart", b"application/json", b"text/plain", b"a/b;charset=x")

Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Attempt:
    """One request. `path` is percent-encoded."""

    role: str
    method: str
    path: str
    query: bytes
    body: bytes
    kind: bytes
    accept: bytes

    @property
    def wants_json(self) -> bool:
        """Whether a program asks, by its address or by what it accepts."""
        return self.path.startswith("/api/") or self.accept == b"application/json"

    def __repr__(self) -> str:
        body = self.body if len(self.body) <= 500 else self.body[:250] + b"..." + self.body[-100:]
        query = self.query if len(self.query) <= 500 else self.query[:500] + b"..."
        return (
            f"{self.role}: {self.method} {self.path[:300]}?{query!r} "
            f"{self.kind!r} Accept: {self.accept!r}\n{body!r}"
        )


def attempts(
    route: Route, knowledge: Knowledge, roles: tuple[str, ...], example: dict[str, object] | None
) -> st.SearchStrategy[Attempt]:
    """Requests to a route. `example` is a JSON body that its view takes, if it takes one."""
    names = knowledge.fields_of(route)
    fields = _fields(names, knowledge)
    paths = st.fixed_dictionaries(
        {
            name: _parameter(route.converters.get(name, "path"), known)
            for name, known in knowledge.parameters_of(route).items()
        }
    ).map(route.filled)
    json = nasty.json_like(example if example is not None else dict.fromkeys(names[:5], "1"))
    kinds = KINDS if example is None else (b"application/json",) * 24 + KINDS
    usual = knowledge.methods_of(route)
    methods, other_methods = st.sampled_from(usual), st.sampled_from(OTHER_METHODS)

    @st.composite
    def attempt(draw: st.DrawFn) -> Attempt:
        method = draw(methods) if draw(st.integers(0, 19)) else draw(other_methods)
        kind = draw(st.sampled_from(kinds)) if method not in ("GET", "HEAD") else b""
        body = b""
        if kind == b"multipart":
            body, kind = _multipart(draw(fields)), b"multipart/form-data; boundary=" + BOUNDARY
            body = draw(st.one_of(st.just(body), nasty.mangled(body)))
        elif kind == b"application/json":
            body = _with_fresh_id(draw(json), draw(st.integers(0, 2**32)))
        elif kind:
            body = draw(st.one_of(*[fields.map(_encoded)] * 5, nasty.values))
        return Attempt(
            role=draw(st.sampled_from(roles)),
            method=method,
            path=draw(paths),
            query=draw(fields.map(_encoded)) if not body else b"",
            body=body[:70_000],
            kind=kind,
            accept=draw(st.sampled_from(ACCEPTED)),
        )

    return attempt()


def sweep(
    route: Route, knowledge: Knowledge, role: str, example: dict[str, object] | None
) -> Iterator[Attempt]:
    """Every request to a route with exactly one absurd value, for every place where one can be."""
    parameters = {name: v[0].encode() for name, v in knowledge.parameters_of(route).items()}
    fields = [
        (name.encode(), knowledge.values_of(name)[0].encode())
        for name in knowledge.fields_of(route)
    ]
    path = route.filled(parameters)
    accepted = cycle(ACCEPTED)

    def attempt(method: str, path: str, sent: Fields) -> Attempt:
        data, is_form = _encoded(sent), method == "POST"
        return Attempt(
            role=role,
            method=method,
            path=path,
            query=b"" if is_form else data,
            body=data if is_form else b"",
            kind=FORM if is_form else b"",
            accept=next(accepted),
        )

    for method in knowledge.methods_of(route):
        yield attempt(method, path, [*fields, (b"after", b"1"), *[(b"more", b"1")] * 600])
        for at, (field, _) in enumerate(fields):
            for value in nasty.EVERY:
                yield attempt(method, path, [*fields[:at], (field, value), *fields[at + 1 :]])
        for parameter in parameters:
            for value in nasty.EVERY:
                if value not in (b"", b".", b".."):
                    filled = route.filled({**parameters, parameter: value})
                    yield attempt(method, filled, fields)
    for number, body in enumerate(nasty.json_sweep(example) if example is not None else ()):
        sent = _with_fresh_id(body, number)
        yield Attempt(role, "POST", path, b"", sent, b"application/json", next(accepted))


def _parameter(converter: str, known: list[str]) -> st.SearchStrategy[bytes]:
    likely = st.sampled_from([value.encode() for value in known])
    match converter:
        case "int":
            odd: st.SearchStrategy[bytes] = st.sampled_from(
                [b"0", b"00", b"9" * 18, b"9" * 19, b"9223372036854775808", b"9" * 40, b"9" * 4999]
            )
        case "slug":
            odd = st.sampled_from([b"-", b"_", b"take", b"cash", b"x" * 2_000, b"--", b"0"])
        case _:
            odd = nasty.values.filter(lambda value: value not in (b"", b".", b".."))
    return st.one_of(likely, likely, odd)


def _fields(names: list[str], knowledge: Knowledge) -> st.SearchStrategy[Fields]:
    """The names with values that stood on pages; a few of them absurd, doubled or left out."""

    @st.composite
    def fields(draw: st.DrawFn) -> Fields:
        sent: Fields = []
        for name in names:
            value: str = draw(st.sampled_from(knowledge.values_of(name)))
            sent.append((name.encode(), value.encode()))
        changes = draw(st.lists(st.sampled_from(CHANGES), max_size=3))
        for change in changes if names else ():
            at = draw(st.integers(0, len(sent) - 1)) if sent else 0
            match change:
                case "leave":
                    del sent[at : at + 1]
                case "double" if sent:
                    sent.append((sent[at][0], draw(nasty.values)))
                case _ if sent:
                    sent[at] = (sent[at][0], draw(nasty.values))
                case _:
                    pass
        if not draw(st.integers(0, 9)):
            sent.append((draw(nasty.values), draw(nasty.values)))
        if b"command_id" in dict(sent) and draw(st.booleans()):
            fresh = fresh_id(draw(st.integers(0, 2**32)))
            sent = [(n, fresh if n == b"command_id" else v) for n, v in sent]
        return sent

    return fields()


def fresh_id(number: int) -> bytes:
    """A command id, the same for the same number."""
    return str(uuid5(NAMESPACE_URL, str(number))).encode()


def _with_fresh_id(body: bytes, number: int) -> bytes:
    """A JSON body with an id of its own in three of four, or it would be the first one again."""
    return body.replace(REPEATED_ID.encode(), fresh_id(number)) if number % 4 else body


def _encoded(fields: Fields) -> bytes:
    return "&".join(
        f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in fields
    ).encode()


def _multipart(fields: Fields) -> bytes:
    parts = [
        b"--"
        + BOUNDARY
        + b'\r\nContent-Disposition: form-data; name="'
        + name
        + b'"\r\n\r\n'
        + value
        + b"\r\n"
        for name, value in fields
    ]
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"

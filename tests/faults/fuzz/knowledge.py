"""What the site says about itself: which addresses, fields and values there are.

Learned as a stranger would: by following links, by reading forms, and, as only we can, by noting
which names a view asks for in its query and its form. So no parameter is listed by hand.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from django.http import QueryDict

from rush.page import Element, Form, read_page
from tests.faults.fuzz.routes import Route, route_of
from tests.faults.fuzz.served import Browser, Served

MOST_VALUES = 12
"""As many values of one field are remembered; of an address more do not teach anything new."""

PAGES_OF_A_ROUTE = 2
CSRF_FIELD = "csrfmiddlewaretoken"


@dataclass
class Knowledge:
    """What was learned. Values and parameters are as a client sends them."""

    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by route
    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # by field
    parameters: dict[tuple[str, str], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )  # by route and parameter

    methods: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by route

    def methods_of(self, route: Route) -> list[str]:
        """The methods, of GET and POST, that the route's view did not refuse."""
        return sorted(self.methods[route.route]) or ["GET", "POST"]

    def fields_of(self, route: Route) -> list[str]:
        """The names that the route's view reads or that forms send to it, always in one order."""
        return sorted(self.fields[route.route] - {CSRF_FIELD})

    def values_of(self, name: str) -> list[str]:
        """Values of a field that stood on a page; a guess if there was none."""
        return self.values.get(name) or ["1"]

    def parameters_of(self, route: Route) -> dict[str, list[str]]:
        """Values of each of the route's parameters that links on pages have."""
        return {
            name: self.parameters.get((route.route, name)) or ["1"] for name in route.parameters
        }

    def read(self, page: Element, here: str) -> Iterator[str]:
        """Learn from a page; yields the addresses it links to."""
        for element in page.walk():
            for attribute in ("href", "action", "formaction", "data-refresh"):
                if attribute in element.attributes:
                    address = urljoin(here, element.attributes[attribute])
                    if self.note_address(address):
                        yield address
            if element.tag == "form":
                self._note_form(element, here)

    def note_address(self, address: str) -> bool:
        """Learn the parameters of an address; whether it is one of the site."""
        parts = urlsplit(address)
        if parts.netloc not in ("", "localhost"):
            return False
        found = route_of(unquote(parts.path))
        if found is None:
            return False
        route, parameters = found
        for name, value in parameters.items():
            _remember(self.parameters[route.route, name], value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            self.fields[route.route].add(name)
            _remember(self.values[name], value)
        return True

    def _note_form(self, element: Element, here: str) -> None:
        form = Form.read(element)
        found = route_of(unquote(urlsplit(urljoin(here, form.action)).path))
        names = self.fields[found[0].route] if found else set()
        for name, value in form.fields:
            names.add(name)
            _remember(self.values[name], value)
        for choice in form.choices:
            names.add(choice.name)
            for value in choice.values[:MOST_VALUES]:
                _remember(self.values[choice.name], value)
        for button in element.find_all("button"):
            if "name" in button.attributes:
                names.add(button.attributes["name"])
                _remember(self.values[button.attributes["name"]], button.attributes["value"])


def _remember(values: list[str], value: str) -> None:
    if value not in values and len(values) < MOST_VALUES:
        values.append(value)


class Names:
    """The names that were asked for in a query or a form since the last look."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def note(self, name: object) -> None:
        """One was asked for."""
        if isinstance(name, str):
            self._asked.add(name)

    def take(self) -> set[str]:
        """Those of one request."""
        asked, self._asked = self._asked, set()
        return asked


class _Watched(dict[str, Any]):
    """What `QueryDict.dict` returns, still telling which names it is asked for."""

    names: Names

    def __getitem__(self, name: str) -> Any:
        self.names.note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.note(name)
        return super().get(name, default)


@contextmanager
def watching_names() -> Iterator[Names]:
    """Note every name that anything asks a `QueryDict` for."""
    names = Names()
    item, contains, getlist = QueryDict.__getitem__, QueryDict.__contains__, QueryDict.getlist

    def watched_item(self: QueryDict, name: str) -> Any:
        names.note(name)
        return item(self, name)

    def watched_contains(self: QueryDict, name: object) -> bool:
        names.note(name)
        return contains(self, name)

    def watched_getlist(self: QueryDict, name: str, default: Any = None) -> Any:
        names.note(name)
        return getlist(self, name, default)

    def watched_dict(self: QueryDict) -> dict[str, Any]:
        watched = _Watched({name: item(self, name) for name in self})
        watched.names = names
        return watched

    with (
        patch.object(QueryDict, "__getitem__", watched_item),
        patch.object(QueryDict, "__contains__", watched_contains),
        patch.object(QueryDict, "getlist", watched_getlist),
        patch.object(QueryDict, "dict", watched_dict),
    ):
        yield names


def explore(
    knowledge: Knowledge,
    served: Served,
    browser: Browser,
    addresses: list[str],
    look: Callable[[str, str], None] = lambda address, html: None,
) -> None:
    """Follow every link from these addresses, a few pages of each route; `look` sees each page."""
    seen: dict[str, int] = defaultdict(int)
    done: set[str] = set()
    while addresses:
        address = addresses.pop(0)
        parts = urlsplit(address)
        found = route_of(unquote(parts.path))
        if address in done or found is None or seen[found[0].route] >= PAGES_OF_A_ROUTE:
            continue
        done.add(address)
        seen[found[0].route] += 1
        response = served.ask(browser, "GET", parts.path, query=parts.query.encode())
        if response.kind == "text/html":
            look(address, response.text)
            addresses += knowledge.read(read_page(response.text), parts.path)


def learn_fields(
    knowledge: Knowledge, served: Served, browser: Browser, route: Route, rounds: int
) -> None:
    """Send to a route what is known, until its view asks for nothing more that is new."""
    with watching_names() as names:
        for number in range(rounds):
            known = len(knowledge.fields[route.route])
            fields = [
                (name, values[number % len(values)])
                for name in knowledge.fields_of(route)
                for values in [knowledge.values_of(name)]
            ]
            for path in _paths(route, knowledge, number):
                for method in knowledge.methods_of(route):
                    _learn_from(knowledge, served, browser, route, method, path, fields)
            knowledge.fields[route.route] |= names.take()
            if len(knowledge.fields[route.route]) == known:
                return


def _paths(route: Route, knowledge: Knowledge, number: int) -> list[str]:
    """The address with the values that are known, each action of several once."""
    parameters = knowledge.parameters_of(route)
    if not parameters:
        return [route.path]
    most = max(len(values) for values in parameters.values()) if len(parameters) > 1 else 1
    return [
        route.filled({name: v[(at + number) % len(v)].encode() for name, v in parameters.items()})
        for at in range(most)
    ]


def _learn_from(
    knowledge: Knowledge,
    served: Served,
    browser: Browser,
    route: Route,
    method: str,
    path: str,
    fields: list[tuple[str, str]],
) -> None:
    sent = urlencode(fields).encode()
    if method == "GET":
        response = served.ask(browser, "GET", path, query=sent)
    else:
        form = {"content-type": b"application/x-www-form-urlencoded"}
        response = served.ask(browser, "POST", path, body=sent, headers=form)
    if response.status != 405:
        knowledge.methods[route.route].add(method)
    if response.kind == "text/html":
        list(knowledge.read(read_page(response.text), path))

"""Reads a page as a browser without JavaScript does: elements, text, and forms to fill in.

Knows HTML and nothing of coffee.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
UNSENT = frozenset({"submit", "button", "reset", "image", "file"})


class NoSuchForm(Exception):
    """The page does not offer the form that the person at the screen was looking for."""


@dataclass
class Element:
    """One element of a page, with what stands inside it."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """This element and everything inside it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find_all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """The elements of that tag with those attributes (`data_order` means `data-order`)."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.walk()
            if (not tag or element.tag == tag)
            and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    @property
    def text(self) -> str:
        """The words a person reads here, with single spaces."""
        return " ".join("".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in {"script", "style", "template", "noscript"}:
                yield from child._words()
                yield " "

    def forms(self) -> list["Form"]:
        """Every form on the page."""
        return [Form.read(element) for element in self.find_all("form")]

    def form(self, *, ending: str) -> "Form":
        """The first form whose action ends so; raises `NoSuchForm`."""
        for form in self.forms():
            if form.path.endswith(ending):
                return form
        raise NoSuchForm(f"No form to …{ending} on this page.")


@dataclass(frozen=True)
class Choice:
    """A group of radio buttons, a check box or a list: what may be chosen, what is chosen."""

    name: str
    values: tuple[str, ...]
    chosen: tuple[str, ...]
    several: bool


@dataclass(frozen=True)
class Form:
    """A form with the values it was rendered with."""

    action: str
    fields: tuple[tuple[str, str], ...]
    choices: tuple[Choice, ...]

    @property
    def path(self) -> str:
        """The address it is sent to, without its query and its place on the page."""
        return urlsplit(self.action).path

    @property
    def name(self) -> str:
        """The last part of its path: `take` of `/bar/…/take/`."""
        return self.path.rstrip("/").rpartition("/")[2]

    def filled(self, values: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
        """What is sent when the person enters these values and leaves the rest as it was."""
        sent = [(name, value) for name, value in self.fields if name not in values]
        for choice in self.choices:
            if choice.name not in values:
                sent.extend((choice.name, value) for value in choice.chosen)
        for name, entered in values.items():
            several = [entered] if isinstance(entered, str) else entered
            sent.extend((name, value) for value in several)
        return sent

    def value(self, name: str) -> str:
        """The rendered value of a field; "" if there is no such field."""
        return next((value for field_name, value in self.fields if field_name == name), "")

    def sent_to(self, path: str) -> "Form":
        """The same form, for one that is sent to the page it stands on."""
        return replace(self, action=path)

    @staticmethod
    def with_new_id(fields: Mapping[str, str]) -> dict[str, str]:
        """These fields under a command id of their own, as a button's script sends them."""
        return {**fields, "command_id": str(uuid.uuid4())}

    @classmethod
    def read(cls, element: Element) -> "Form":
        """The form that this `<form>` element shows."""
        fields: list[tuple[str, str]] = []
        groups: dict[str, list[tuple[str, bool]]] = {}
        several: set[str] = set()
        for control in element.walk():
            name = control.attributes.get("name", "")
            kind = control.attributes.get("type", "text")
            if not name or "disabled" in control.attributes:
                continue
            if control.tag == "input" and kind in {"radio", "checkbox"}:
                value = control.attributes.get("value", "on")
                groups.setdefault(name, []).append((value, "checked" in control.attributes))
                if kind == "checkbox":
                    several.add(name)
            elif control.tag == "input" and kind not in UNSENT:
                fields.append((name, control.attributes.get("value", "")))
            elif control.tag == "textarea":
                fields.append((name, control.text))
            elif control.tag == "select":
                groups[name] = _options(control)
        choices = tuple(
            Choice(
                name=name,
                values=tuple(value for value, _ in group),
                chosen=tuple(value for value, checked in group if checked),
                several=name in several,
            )
            for name, group in groups.items()
        )
        return cls(element.attributes.get("action", ""), tuple(fields), choices)


def _options(control: Element) -> list[tuple[str, bool]]:
    options = [
        (option.attributes.get("value", option.text), "selected" in option.attributes)
        for option in control.find_all("option")
        if "disabled" not in option.attributes
    ]
    if options and not any(selected for _, selected in options):
        options[0] = (options[0][0], True)
    return options


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#page", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_page(html: str) -> Element:
    """The page or the fragment as a tree of elements."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root

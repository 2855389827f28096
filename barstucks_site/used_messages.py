"""Every message that a customer's page may show: found in templates, in Python, in the first menu.

Reads the program's text and runs none of it but the template compiler. What a refusal says is found
where the refusal is raised or named.
"""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from barstucks_site.catalogues import Message
from orders.domain.refused import Refused
from orders.templatetags.shop_words import gentle

PACKAGES = ("api", "orders", "projections", "barstucks_site")
STAFFS_OWN = (
    "bar/",
    "till/",
    "manage/",
    "staff/login.html",
    "orders/staff_buttons/",
    "orders/event_import/",
    "orders/domain/preparation.py",
    "orders/domain/shop_settings.py",
    "orders/domain/stock.py",
    "projections/views/promises.py",
)
"""Where words stand that only the staff read: those stay English."""

CALLS = frozenset({"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "Words"})
SENTENCES = frozenset({"words", "sentence"})
"""Attributes of a class that hold what an error says."""

IN_A_FILTER = re.compile(r"""_\((?P<quote>["'])(?P<text>.*?)(?P=quote)\)""")

FIRST_DESK = "the end of the bar"
"""Where things are handed over until a shop says otherwise (`settings.SERVING_DESK_NAME`)."""

REASONS = re.compile(r'<datalist id="cancel-reasons">.*?</datalist>')
OPTION = re.compile(r'<option value="([^"]+)">')

SEED = Path("orders/menu/seed.json")


class NotAMessage(ValueError):
    """A text is put together before it is looked up, so no catalogue can have it."""


def used_messages() -> dict[Message, set[str]]:
    """The messages, sorted, and the files in which each is used. Raises `NotAMessage`."""
    places: defaultdict[Message, set[str]] = defaultdict(set)
    folder = settings.BASE_DIR / "templates"
    for path in sorted(folder.rglob("*.html")):
        name, source = str(path.relative_to(folder)), path.read_text(encoding="utf-8")
        messages = [] if name.startswith(STAFFS_OWN) else _in_template(source)
        for message in [*messages, *_reasons(source)]:
            places[message].add(f"templates/{name}")
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            name = str(path.relative_to(settings.BASE_DIR))
            if not (name.startswith(STAFFS_OWN) or {"tests", "migrations"} & set(path.parts)):
                for message in in_python(path.read_text(encoding="utf-8"), name):
                    places[message].add(name)
    for word in first_menu_words():
        places[Message(word)].add(str(SEED))
    return {message: places[message] for message in sorted(places)}


def _in_template(source: str) -> Iterator[Message]:
    template = Template(source)
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        literal = node.filter_expression.var.literal  # type: ignore[attr-defined]
        if isinstance(literal, str):
            yield Message(literal.replace("%", "%%"))
    for block in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        assert isinstance(block, BlockTranslateNode)
        singular, _ = block.render_token_list(block.singular)
        plural, _ = block.render_token_list(block.plural) if block.plural else ("", [])
        yield Message(singular, plural)
    for text in IN_A_FILTER.finditer(source):
        yield Message(text["text"])


def _reasons(source: str) -> list[Message]:
    """Why the staff may cancel, as they choose it from a list: customers read it."""
    listed = REASONS.search(source)
    return [Message(reason) for reason in OPTION.findall(listed[0])] if listed else []


def in_python(source: str, name: str = "") -> Iterator[Message]:
    """The messages in the text of a module."""
    refusals = {refusal.__name__ for refusal in _subclasses(Refused)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield from _in_class(node)
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            if called in CALLS or called in refusals:
                yield from _in_call(node, f"{name}:{node.lineno}")


def _in_class(node: ast.ClassDef) -> Iterator[Message]:
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=attribute)], value=ast.Constant(value=str(text)))
                | ast.AnnAssign(target=ast.Name(id=attribute), value=ast.Constant(value=str(text)))
            ) if attribute in SENTENCES:
                yield Message(text)


def _in_call(node: ast.Call, place: str) -> Iterator[Message]:
    plurals = [keyword.value for keyword in node.keywords if keyword.arg == "plural"]
    texts = [*node.args[:2], *plurals]
    if texts and isinstance(texts[0], ast.JoinedStr):
        raise NotAMessage(f"{place}: say it with Words(…), whose parts come in later.")
    strings = [
        text.value
        for text in texts
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]
    if strings and isinstance(texts[0], ast.Constant) and strings[0]:
        yield Message(*strings[:2])


def _subclasses(of: type[Refused]) -> Iterator[type[Refused]]:
    for subclass in of.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def first_menu_words() -> set[str]:
    """What the first menu calls things, and what is said under their names on an order."""
    seed = json.loads((settings.BASE_DIR / SEED).read_text(encoding="utf-8"))
    options = [option for group in seed["groups"] for option in group["options"]]
    items = [item for category in seed["categories"] for item in category["items"]]
    words = {thing["name"] for thing in [*seed["groups"], *seed["categories"], *options, *items]}
    words.update(gentle(option.get("bar_words", "")) for option in options)
    words.update(item.get("description", "") for item in items)
    words.update(size["slug"] for item in items for size in item.get("sizes", []))
    allergens = (thing.get("allergens", "").split(",") for thing in [*options, *items])
    words.update(allergen.strip() for listed in allergens for allergen in listed)
    words.add(FIRST_DESK)
    return words - {""}

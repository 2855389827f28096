"""HTML out of templates, and the only place where values are escaped.

Every value put into a template is escaped, unless it is Markup already; only this module makes it.
"""

import html
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from string import Template

_TEMPLATES = Path(__file__).with_name("templates")


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


NOTHING = Markup("")


def render(template: str, **values: object) -> Markup:
    """Fill the template file ``template``. Raises KeyError for a value it needs and did not get."""
    return Markup(_template(template).substitute({k: _escaped(v) for k, v in values.items()}))


def together(parts: Iterable[Markup]) -> Markup:
    return Markup("".join(parts))


def static(name: str) -> bytes:
    """A file beside the templates, as it is."""
    return (_TEMPLATES / name).read_bytes()


def _escaped(value: object) -> str:
    return value if isinstance(value, Markup) else html.escape(str(value), quote=True)


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))

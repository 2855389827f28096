"""Scripts of a page: modules, asked for together with everything that they import."""

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

IMPORT = re.compile(r'^(?:import|export)\b[^"\';]*["\'](\.{1,2}/[^"\']+)["\'];', re.MULTILINE)


@register.simple_tag
def module(name: str) -> SafeString:
    """A script: `{% module 'js/bar.js' %}`. What it imports is asked for at once, not in turn."""
    preloads = format_html_join(
        "",
        '<link rel="modulepreload" href="{}">',
        ((static(imported),) for imported in imports_of(name)),
    )
    return format_html('{}<script type="module" src="{}"></script>', preloads, static(name))


@cache
def imports_of(name: str) -> tuple[str, ...]:
    """What a module imports, and what that imports, each once."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        importing = waiting.pop(0)
        for path in IMPORT.findall(_source(importing)):
            imported = normpath(join(dirname(importing), path))
            if imported != name and imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def _source(name: str) -> str:
    path = finders.find(name)
    return Path(path).read_text() if isinstance(path, str) else ""

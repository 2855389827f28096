"""The colours of a staff page, and those one can choose from."""

from collections.abc import Iterable
from typing import Any

from django import template

from staff.themes import THEMES, theme_of

register = template.Library()


@register.simple_tag(takes_context=True)
def chosen_theme(context: dict[str, Any]) -> str:
    """What was chosen on the device that asks for this page."""
    return theme_of(context["request"])


@register.simple_tag
def all_themes() -> Iterable[tuple[str, str]]:
    """The names of all, and their words."""
    return THEMES.items()

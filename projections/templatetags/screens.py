"""The links to the screens at the top of the staff's pages: those that somebody may see."""

from typing import Any

from django import template

from projections.screen import Screen
from projections.screens import SCREENS
from staff.permissions import may

register = template.Library()


@register.simple_tag(takes_context=True)
def linked_screens(context: dict[str, Any]) -> list[Screen]:
    """The screens with a page that whoever reads this one may see."""
    user = context["user"]
    return [
        screen
        for screen in SCREENS
        if screen.title and (screen.permission is None or may(user, screen.permission))
    ]

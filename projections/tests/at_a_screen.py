"""Somebody at a screen, and the screen's tables filled from a log in memory."""

import re
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client

from projections.screen import Fragment, Room
from projections.screens import screen_of
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project

BOTH = ["default", "read_models"]
"""The databases a page may read."""

_TOKENS = re.compile(r'<input type="hidden" name="(?:csrfmiddlewaretoken|command_id)"[^>]*>')


def member(role: str, name: str = "Ana") -> Client:
    """Somebody of the staff, logged in."""
    user, _ = User.objects.get_or_create(username=name.lower(), defaults={"first_name": name})
    user.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(user)
    return client


def actor_named(name: str) -> str:
    """The actor of somebody of the staff with that name."""
    user, _ = User.objects.get_or_create(username=name.lower(), defaults={"first_name": name})
    return f"staff-{user.pk}"


def snapshot_of(view: str) -> list[Fragment]:
    """What a live screen shows as a whole."""
    screen = screen_of(view)
    assert screen.snapshot is not None
    return screen.snapshot("", Room()) + (screen.summary() if screen.summary else [])


def shown(log: InMemoryLog) -> None:
    """Project the whole log into every read model."""
    project(log, [log.events])


def page(client: Client, path: str) -> str:
    """The page of that address; fails if there is none."""
    response: Any = client.get(path)
    assert response.status_code == 200, response.content.decode()[:500]
    return str(response.content.decode())


def without_tokens(html: str) -> str:
    """HTML without what differs from viewer to viewer, and with single spaces."""
    return re.sub(r"\s+", " ", _TOKENS.sub("", html)).replace("> <", "><").strip()

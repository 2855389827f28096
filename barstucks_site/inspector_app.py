"""Django's admin as an app, with the shop's inspector as its site.

A module of its own: it is loaded before any model is, and the inspector knows models.
"""

from django.contrib.admin.apps import AdminConfig


class InspectorConfig(AdminConfig):
    """The admin, whose default site is the inspector."""

    default_site = "barstucks_site.inspector.Inspector"

"""The write side as a Django app: a change of the menu's tables reaches every process."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_save


class OrdersConfig(AppConfig):
    """Connects the menu's tables to the menu's version."""

    name = "orders"
    verbose_name = "Orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Watch the tables that the menu is read from."""
        from orders.menu.cache import menu_changed
        from orders.menu.models import Category, MenuItem, Option, OptionGroup, Size

        def changed(raw: bool = False, **_: Any) -> None:
            if not raw:
                menu_changed()

        for model in (Category, MenuItem, Option, OptionGroup, Size):
            for signal in (post_save, post_delete):
                signal.connect(changed, sender=model, weak=False)
        m2m_changed.connect(changed, sender=MenuItem.option_groups.through, weak=False)

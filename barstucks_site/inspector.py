"""The inspector: Django's admin as this shop has it. Knows no table.

Where Django's own breaks on an absurd address, this one refuses it.
"""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver


class InspectorConfig(AdminConfig):
    """Django's admin as an app, with this site as the default one."""

    default_site = "barstucks_site.inspector.Inspector"


class Inspector(AdminSite):
    """The admin without "view on site": no row of the shop has a page of its own."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's, but for the address that asks a model for a page it does not have."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse what no column can be compared with, like a time before the first year in UTC."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                response: HttpResponseBase = inner(request, *args, **kwargs)
                # Rendered here, because the admin reads its rows only while it renders.
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
            except OverflowError as error:
                raise BadRequest("A number or a time in the address is out of range.") from error
            return response

        return refusing

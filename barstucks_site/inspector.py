"""The inspector: Django's admin as this shop has it. Knows no table.

In the shop's own frame, reached with the shop's own login; open to those who may look at one of its
tables. Where Django's own breaks on an absurd address, this one refuses it.
"""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, URLResolver

from projections.views.read_models import read_models_now

NOT_HERE = {"view_on_site", "login", "logout"}
"""Addresses of Django's: no row has a page of its own, and the shop has a login already."""

READ_MODELS = "projections"
"""The app whose tables stand in a section of their own."""


class Inspector(AdminSite):
    """The admin under the shop's name, without a login of its own."""

    site_title = "Barstucks"
    site_header = "Inspect"
    index_title = "Inspect"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may enter: whoever may look at one of the tables."""
        return bool(request.user.is_active) and any(
            table.has_view_or_change_permission(request) for table in self._registry.values()
        )

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the frame needs: which link of the menu this is."""
        return {**super().each_context(request), "here": "inspect"}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's, but for those that the shop has no use for."""
        return [url for url in super().get_urls() if getattr(url, "name", "") not in NOT_HERE]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The front page: the read models with how fresh they are, then all other tables."""
        tables = self.get_app_list(request)
        of_read_models = [app for app in tables if app["app_label"] == READ_MODELS]
        others = [app for app in tables if app["app_label"] != READ_MODELS]
        context = {
            "read_models": read_models_now() if of_read_models else (),
            "others": others,
            **(extra_context or {}),
        }
        return super().index(request, context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Send strangers to the shop's login, and refuse whoever may look at nothing here.

        And what no column can be compared with, like a time before the first year in UTC.
        """
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if not self.has_permission(request):
                raise PermissionDenied("Your role does not include the read models.")
            try:
                response: HttpResponseBase = inner(request, *args, **kwargs)
                # Rendered here, because the admin reads its rows only while it renders.
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
            except OverflowError as error:
                raise BadRequest("A number or a time in the address is out of range.") from error
            return response

        return refusing

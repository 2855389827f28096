"""Where the pages that read live, by screen. Pages that take a wish stand in `orders/urls.py`."""

from django.urls import URLPattern, URLResolver, path

from projections.views import me, order_page

# --- the customer ------------------------------------------------------------------------------

CUSTOMER: list[URLPattern | URLResolver] = [
    path("o/<str:token>/", order_page.order_page, name="order"),
    path("me/", me.me_page, name="me"),
    path("me/export.json", me.me_export, name="me_export"),
]

urlpatterns = [*CUSTOMER]

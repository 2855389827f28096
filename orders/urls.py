"""Where the pages that take a wish live, by screen. Pages that read: `projections/urls.py`."""

from django.urls import URLPattern, URLResolver

# --- the customer ------------------------------------------------------------------------------

customer: list[URLPattern | URLResolver] = []

# --- the bar -----------------------------------------------------------------------------------

bar: list[URLPattern | URLResolver] = []

# --- the till ----------------------------------------------------------------------------------

till: list[URLPattern | URLResolver] = []

urlpatterns = [*customer, *bar, *till]

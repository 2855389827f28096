"""The URLs of the site: the write side's, the read side's, the staff's, and its own."""

from django.contrib import admin
from django.urls import include, path

from barstucks_site.telemetry import metrics

handler400 = "barstucks_site.error_pages.bad_request"
handler403 = "barstucks_site.error_pages.denied"
handler404 = "barstucks_site.error_pages.not_found"
handler500 = "barstucks_site.error_pages.defect"

urlpatterns = [
    path("", include("orders.urls")),
    path("", include("projections.urls")),
    path("", include("staff.urls")),
    path("inspect/", admin.site.urls),
    path("metrics", metrics, name="metrics"),
]

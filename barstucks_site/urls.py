"""The URLs of the site: the shop's, the inspector, and the metrics."""

from django.contrib import admin
from django.urls import path

from barstucks_site import shop_urls
from barstucks_site.languages import choose_language
from barstucks_site.telemetry import metrics

handler400 = "barstucks_site.error_pages.bad_request"
handler403 = "barstucks_site.error_pages.denied"
handler404 = "barstucks_site.error_pages.not_found"
handler500 = "barstucks_site.error_pages.defect"

urlpatterns = [
    *shop_urls.urlpatterns,
    path("language/", choose_language, name="choose_language"),
    path("inspect/", admin.site.urls),
    path("metrics", metrics, name="metrics"),
]

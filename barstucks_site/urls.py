"""The URLs of the site: the shop's, its API's, the installed app's, the inspector, the metrics."""

from django.contrib import admin
from django.urls import path

from barstucks_site import api_pages, offline, shop_urls
from barstucks_site.languages import choose_language
from barstucks_site.telemetry.metrics_page import metrics

handler400 = "barstucks_site.error_pages.bad_request"
handler403 = "barstucks_site.error_pages.denied"
handler404 = "barstucks_site.error_pages.not_found"
handler500 = "barstucks_site.error_pages.defect"

urlpatterns = [
    *shop_urls.urlpatterns,
    *api_pages.urlpatterns,
    path("language/", choose_language, name="choose_language"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.offline_page, name="offline"),
    path("inspect/", admin.site.urls),
    path("metrics", metrics, name="metrics"),
]

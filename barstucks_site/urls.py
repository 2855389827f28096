"""Every address of the site: the write side's, the read side's, the staff's, and the site's own."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from barstucks_site.probes import metrics, probe

handler400 = "barstucks_site.error_pages.bad_request"
handler403 = "barstucks_site.error_pages.denied"
handler404 = "barstucks_site.error_pages.not_found"
handler500 = "barstucks_site.error_pages.defect"

urlpatterns = [
    *(
        path("", include(f"{app}.urls"))
        for app in ("orders", "projections", "staff")
        if find_spec(app) is not None and find_spec(f"{app}.urls") is not None
    ),
    path("inspect/", admin.site.urls),
    path("livez", probe, name="livez"),
    path("readyz", probe, name="readyz"),
    path("metrics", metrics, name="metrics"),
]

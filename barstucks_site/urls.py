"""Every address of the site: the write side's, the read side's, the staff's, and the site's own."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    *(
        path("", include(f"{app}.urls"))
        for app in ("orders", "projections", "staff")
        if find_spec(app) is not None and find_spec(f"{app}.urls") is not None
    ),
    path("inspect/", admin.site.urls),
]

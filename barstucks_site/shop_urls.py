"""The URLs of the shop: the write side's, the read side's, the staff's."""

from django.urls import include, path

urlpatterns = [
    path("", include("orders.urls")),
    path("", include("projections.urls")),
    path("", include("staff.urls")),
]

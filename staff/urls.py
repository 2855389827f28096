"""The addresses of the staff's own pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from staff.views import StaffHome, StaffLogin, choose_theme

urlpatterns = [
    path("staff/", StaffHome.as_view(), name="staff_home"),
    path("staff/login/", StaffLogin.as_view(), name="staff_login"),
    path("staff/logout/", LogoutView.as_view(), name="staff_logout"),
    path("staff/theme/", choose_theme, name="choose_theme"),
]

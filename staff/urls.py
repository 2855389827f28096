"""The addresses of the staff's own pages."""

from django.urls import path

from staff.views import StaffHome, StaffLogin, StaffLogout

urlpatterns = [
    path("staff/", StaffHome.as_view(), name="staff_home"),
    path("staff/login/", StaffLogin.as_view(), name="staff_login"),
    path("staff/logout/", StaffLogout.as_view(), name="staff_logout"),
]

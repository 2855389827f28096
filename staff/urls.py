"""The addresses of the staff's own pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from staff.token_views import new_token, tokens_page, withdraw_token
from staff.views import StaffHome, StaffLogin, choose_theme

urlpatterns = [
    path("staff/", StaffHome.as_view(), name="staff_home"),
    path("staff/login/", StaffLogin.as_view(), name="staff_login"),
    path("staff/logout/", LogoutView.as_view(), name="staff_logout"),
    path("staff/theme/", choose_theme, name="choose_theme"),
    path("manage/tokens/", tokens_page, name="tokens"),
    path("manage/tokens/new/", new_token, name="new_token"),
    path("manage/tokens/<int:program>/withdraw/", withdraw_token, name="withdraw_token"),
]

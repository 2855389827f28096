"""The addresses of the live screens' sockets."""

from typing import Any

from django.urls import path

from projections.live import ended_sessions  # noqa: F401 - it listens to logouts
from projections.live.consumers import live_socket

_application: Any = live_socket  # `path` is typed for views

websocket_urlpatterns = [
    path("ws/order/<str:token>/", _application, name="live_order"),
    path("ws/<str:view>/", _application, name="live_screen"),
]

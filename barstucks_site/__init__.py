"""The Django project: settings, URLs, web server and supervisor. No rule of the shop."""

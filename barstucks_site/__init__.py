"""The Django project: settings, addresses, server and supervisor. No rule of the shop."""

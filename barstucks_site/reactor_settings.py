"""The settings of the reactor: everybody's, with the apps that it needs and no others.

It knows the write side only, and neither accounts nor screens.
"""

from barstucks_site.settings import *  # noqa: F403

PROCESS = "reactor"
INSTALLED_APPS = ["orders", "barstucks_site"]
USE_I18N = False  # what it says is English; other languages are spoken where people look

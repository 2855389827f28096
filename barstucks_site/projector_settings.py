"""The settings of the projector: everybody's, with the apps that it needs and no others.

It draws fragments of pages, whose links must be known, but serves none; the inspector it does not
know.
"""

from barstucks_site.settings import *  # noqa: F403

PROCESS = "projector"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "channels",
    "orders",
    "projections",
    "staff",
    "barstucks_site",
]
ROOT_URLCONF = "barstucks_site.shop_urls"
USE_I18N = False  # what it says is English; other languages are spoken where people look

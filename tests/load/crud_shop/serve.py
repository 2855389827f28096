"""`python -m tests.load.crud_shop.serve plain|one-hop|tutorial DIRECTORY PORT`: the peer's process.

Settings as `startproject` makes them, SQLite in WAL mode with durable commits, Daphne as it comes.
`plain` is Django's own ASGI handler, `one-hop` runs the whole request in one thread, `tutorial` is
plain and tells the bar's open screens.
"""

import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings

MENU = (("flat-white", "Flat white", 420), ("espresso", "Espresso", 280), ("latte", "Latte", 450))
DURABLE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
KINDS = ("plain", "one-hop", "tutorial")
ONE_HOP_THREADS = 2
"""One may wait for the disk while the other reads. SQLite lets one connection write at a time, and
the others sleep and try again: with eight threads the rate was the same and p99 up to doubled.
"""


def configure(directory: Path, kind: str) -> None:
    """The settings of this process."""
    settings.configure(
        SECRET_KEY="not a secret: this shop lives for a minute",
        DEBUG=False,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.load.crud_shop.views",
        INSTALLED_APPS=[
            "daphne",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "channels",
            "tests.load.crud_shop",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(directory / "crud.sqlite3"),
                # Under Django's ASGI handler every request has another thread, and with it another
                # connection; its documentation says not to keep them.
                "CONN_MAX_AGE": None if kind == "one-hop" else 0,
                "OPTIONS": {"init_command": DURABLE, "transaction_mode": "IMMEDIATE"},
            }
        },
        CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TELLS_THE_BAR=kind == "tutorial",
    )
    django.setup()


def application_of(kind: str) -> Any:
    """The ASGI application."""
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.core.asgi import get_asgi_application

    from barstucks_site.web_server.request_pool import PoolSize
    from barstucks_site.web_server.threaded_handler import ThreadedHandler
    from tests.load.crud_shop.views import websocket_urlpatterns

    pools = {"all": PoolSize(ONE_HOP_THREADS, waiting=256)}
    http: Any = ThreadedHandler(pools) if kind == "one-hop" else get_asgi_application()
    return ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})


def main(kind: str, directory: Path, port: int) -> None:
    """Make the tables and the menu, and serve until SIGTERM."""
    configure(directory, kind)
    from daphne.endpoints import build_endpoint_description_strings
    from daphne.server import Server
    from django.core.management import call_command

    from tests.load.crud_shop.models import Item

    call_command("migrate", run_syncdb=True, verbosity=0)
    Item.objects.bulk_create(Item(slug=slug, name=name, price=price) for slug, name, price in MENU)

    def say() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    endpoints = build_endpoint_description_strings(host="127.0.0.1", port=port)
    Server(application_of(kind), endpoints=endpoints, ready_callable=say).run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))

"""Fixtures for every package: a log to write to, and memories that end with each test."""

import os
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventstore_fixture import GIVEN_URI, RunningEventstore, running_eventstore

if TYPE_CHECKING:
    from orders.event_store import EventStore

ACCEPTANCE = "tests/acceptance/"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, begin with the tests that may take long: the run ends when they do."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Run side by side what shares no shop: the modules, and the acceptance tests as a whole."""
    from xdist.scheduler import LoadScopeScheduling

    class OneProcessForOneShop(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            together = nodeid.startswith(ACCEPTANCE)
            return ACCEPTANCE if together else super()._split_scope(nodeid)

    return OneProcessForOneShop(config, log)


@pytest.fixture(scope="session", autouse=True)
def _loggers_can_be_listened_to() -> None:
    """Have each line ask anew where it goes: a cached logger is deaf to a test that listens."""
    import structlog

    structlog.configure(cache_logger_on_first_use=False)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash passwords quickly: how slow the real hashing is, is Django's business."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_by_their_own_names() -> Iterator[None]:
    """Have pages name static files as they are called in the folder: nothing is collected."""
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={"staticfiles": plain}):
        yield


@pytest.fixture(autouse=True)
def _a_shop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the shop as a whole has chosen and run out of, for each test anew, in memory."""
    from orders import shop_state
    from orders.tests.log_in_memory import LogInMemory

    log = LogInMemory()
    state = shop_state.ShopState(lambda: log)
    monkeypatch.setattr(shop_state, "shop_state", lambda: state)


@pytest.fixture(scope="session")
def eventstore_uri() -> Iterator[str]:
    """One Eventstore for the whole run. Its log is shared: tests make streams of their own."""
    given = os.environ.get(GIVEN_URI)
    if given:
        yield given
        return
    with running_eventstore() as server:
        yield server.uri


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Write the menu and the roles again whenever a test has emptied the tables.

    Migrations write them once. Django therefore runs the tests that empty tables last, which
    cannot be kept up where several processes share out the tests.
    """
    from django.apps import apps
    from django.db.models.signals import post_migrate

    post_migrate.connect(_write_first_rows, sender=apps.get_app_config("staff"))


def _write_first_rows(*, using: str, **_signal: Any) -> None:
    from django.apps import apps
    from django.db import transaction

    if using == "default":
        with transaction.atomic(using):
            import_module("staff.migrations.0002_roles").make_roles(apps, None)
            import_module("orders.migrations.0002_first_menu").write_menu(apps, None)
            import_module("orders.migrations.0008_recipe").write_recipes(apps, None)
            import_module("orders.migrations.0009_stations").assign_stations(apps, None)


@pytest.fixture
def own_eventstore() -> Iterator[RunningEventstore]:
    """A server with an empty log for one test, which may freeze or kill it."""
    with running_eventstore() as server:
        yield server


@pytest.fixture
def store(eventstore_uri: str) -> "Iterator[EventStore]":
    """The log behind the shop's own adapter."""
    from orders.event_store import EventStore

    log = EventStore(eventstore_uri)
    yield log
    log.close()


@pytest.fixture(autouse=True)
def _forget_what_the_process_remembers() -> Iterator[None]:
    """Menu, keys and names are remembered for seconds: longer than a test's database lives.

    So is the language of the last request.
    """
    yield
    from django.apps import apps

    if apps.ready:
        from django.utils import translation

        from orders import personal_data
        from orders.menu import cache
        from staff import names

        cache._cache.cache_clear()
        personal_data.key_ring.cache_clear()
        names.forget_names()
        translation.deactivate()  # a request leaves its language behind, until the next one

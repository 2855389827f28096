"""With too little room on the disk nothing new is taken in, reading goes on, and it is said."""

import shutil
from collections import namedtuple

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from barstucks_site.disk_space import MEGABYTE, DiskCheck, RefuseWithoutRoom, Room
from barstucks_site.error_pages import defect
from barstucks_site.health import HealthMonitor
from orders.event_store import StorageFull
from orders.tests.guest import BOTH

Usage = namedtuple("Usage", ["total", "used", "free"])
GIGABYTE = 1024 * MEGABYTE


def leave(monkeypatch: pytest.MonkeyPatch, megabytes: int) -> None:
    """A large disk with so much room left."""
    usage = Usage(100 * GIGABYTE, 0, megabytes * MEGABYTE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)


@pytest.mark.parametrize(
    ("free", "total", "is_scarce", "is_too_little"),
    [
        (501, 100_000, False, False),
        (499, 100_000, True, False),
        (99, 100_000, True, True),
        (99, 400, False, False),  # a small disk: 10 % and 5 % of it are enough
        (39, 400, True, False),
        (19, 400, True, True),
    ],
)
def test_how_much_is_enough(free: int, total: int, is_scarce: bool, is_too_little: bool) -> None:
    room = Room(free * MEGABYTE, total * MEGABYTE)
    assert (room.is_scarce, room.is_too_little) == (is_scarce, is_too_little)


@pytest.mark.django_db(databases=BOTH)
def test_what_would_write_is_refused_and_reading_goes_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(monkeypatch, 99)

    refused = client.post("/basket/", {"item": "cappuccino"})
    by_program = client.post("/api/orders/", {}, content_type="application/json")

    assert refused.status_code == 503
    assert "We are not taking orders right now" in refused.content.decode()
    assert (by_program.status_code, by_program.json()["code"]) == (503, "storage_full")
    assert refused["Retry-After"] == by_program["Retry-After"] == "30"
    assert client.get("/").status_code == 200


def test_readiness_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = HealthMonitor(DiskCheck().reach_the_disk)
    leave(monkeypatch, 99)
    assert not monitor.is_ready()
    assert monitor.reason == "storage_full"
    leave(monkeypatch, 101)
    assert monitor.is_ready()


def test_a_shop_whose_data_is_elsewhere_needs_no_room(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.DATA_IS_HERE = False
    leave(monkeypatch, 0)
    DiskCheck().reach_the_disk()
    middleware = RefuseWithoutRoom(lambda _request: HttpResponse("passed on"))
    assert middleware(RequestFactory().post("/basket/")).status_code == 200


def test_what_middleware_meets_is_no_defect_either() -> None:
    """A session cannot be kept: Django hands that to the page for defects."""

    def answer(request: HttpRequest, error: Exception) -> int:
        try:
            raise error
        except Exception:  # noqa: BLE001 - as Django does
            return defect(request).status_code

    request = RequestFactory().get("/")
    assert answer(request, StorageFull()) == 503
    assert answer(request, ZeroDivisionError()) == 500

"""Alive, ready, and who may read the figures."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import HttpCommunicator
from django.test import Client
from django.utils import timezone

from barstucks_site import health
from barstucks_site.health import VALID_FOR, HealthMonitor, Probes
from barstucks_site.log_certificate import LogCertificates
from barstucks_site.web_server.request_origin import client_address
from projections.engine.backlog import backlog


class Dependency:
    """Something to reach; it can be made unreachable."""

    __name__ = "dependency"

    def __init__(self) -> None:
        self.well = True

    def __call__(self) -> None:
        if not self.well:
            raise ConnectionError("nobody listens")


def test_ready_follows_the_dependencies() -> None:
    dependency = Dependency()
    monitor = HealthMonitor(dependency)
    seen = [monitor.is_ready()]
    dependency.well = False
    seen.append(monitor.is_ready())
    dependency.well = True
    seen.append(monitor.is_ready())

    assert seen == [True, False, True]


def test_a_closing_process_is_not_ready() -> None:
    monitor = HealthMonitor(Dependency())
    monitor.closing.set()

    assert monitor.is_ready() is False


def test_a_check_that_hangs_makes_the_last_result_stale() -> None:
    now = [0.0]
    hanging, checked_once, checks = threading.Event(), threading.Event(), []

    def dependency() -> None:
        checks.append("check")
        if len(checks) > 1:
            checked_once.set()  # the second check begins: the first result is kept
            hanging.wait()

    monitor = HealthMonitor(dependency, clock=lambda: now[0])
    monitor.start()
    checked_once.wait()
    fresh = monitor.is_ready()
    now[0] += VALID_FOR + 1
    stale = monitor.is_ready()
    hanging.set()
    monitor.stop()

    assert (fresh, stale) == (True, False)


async def get(application: Any, path: str) -> Any:
    return await HttpCommunicator(application, "GET", path).get_response()


async def _nothing(*_: Any) -> None: ...


async def test_the_probes_say_yes_or_no_and_nothing_else() -> None:
    dependency = Dependency()
    probes = Probes(_nothing, HealthMonitor(dependency))

    alive, ready = await get(probes, "/livez"), await get(probes, "/readyz")
    dependency.well = False
    still_alive, unready = await get(probes, "/livez"), await get(probes, "/readyz")

    assert (alive["status"], ready["status"]) == (200, 200)
    assert (still_alive["status"], unready["status"]) == (200, 503)
    assert unready["body"] == b"not ready: cannot_dependency\n"


@pytest.mark.django_db(databases=["default", "read_models"])
def test_figures_are_for_this_machine_and_not_for_strangers(client: Client) -> None:
    here = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    elsewhere = client.get("/metrics", REMOTE_ADDR="203.0.113.5")

    assert here.status_code == 200
    assert b"python_info" in here.content
    assert elsewhere.status_code == 404


@pytest.mark.django_db(databases=["default", "read_models"])
def test_figures_are_closed_when_the_proxy_does_not_say_for_whom_it_asks(client: Client) -> None:
    from_the_proxy = {"client": ["127.0.0.1", 4711], "headers": []}

    response = client.get("/metrics", REMOTE_ADDR=client_address(from_the_proxy, 1))

    assert response.status_code == 404


async def test_a_certificate_of_the_log_that_ends_soon_is_named_below_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soon = LogCertificates(
        "esdb://10.0.0.1:2113",
        look=lambda _address, _host: timezone.now() + timedelta(days=5, hours=1),
    )
    monkeypatch.setattr(health, "certificates", soon)
    probes = Probes(_nothing, HealthMonitor(Dependency(), afterwards=soon.look))

    ready = await get(probes, "/readyz")

    assert ready["status"] == 200
    assert b"log certificate: 10.0.0.1:2113 ends in 5 days\n" in ready["body"]


def test_the_web_process_looks_at_the_certificates_of_its_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(backlog, "measure", lambda: looked.append("backlog"))
    monkeypatch.setattr(health.certificates, "look", lambda: looked.append("certificates"))

    health.monitor._afterwards()

    assert looked == ["backlog", "certificates"]

"""Each process's figures at a port of its own: who gets them, and what stands in them."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.apps import apps
from django.test import Client
from prometheus_client import REGISTRY

from barstucks_site import projector_settings, reactor_settings
from barstucks_site import settings as base_settings
from barstucks_site.telemetry import metrics_port, process
from barstucks_site.telemetry.metrics_port import MetricsPort

TOKEN = "a-token-of-the-scraper-s-own"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(params=["", TOKEN])
def port(request: pytest.FixtureRequest) -> Iterator[MetricsPort]:
    port = MetricsPort("127.0.0.1", 0, request.param)
    serving = threading.Thread(target=port.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield port
    port.shutdown()
    serving.join()
    port.server_close()


def ask(port: MetricsPort, path: str = "/metrics", authorization: str = "") -> httpx.Response:
    headers = {b"Authorization": authorization.encode()} if authorization else {}
    return httpx.get(f"http://127.0.0.1:{port.server_port}{path}", headers=headers, timeout=30)


def test_whoever_bears_the_token_gets_the_figures(port: MetricsPort) -> None:
    response = ask(port, authorization=BEARER["Authorization"])

    assert response.status_code == 200
    assert "barstucks_facts_appended_total" in response.text


@pytest.mark.parametrize("port", [TOKEN], indirect=True)
@pytest.mark.parametrize("given", ["", "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}!", "Bearer ä"])
def test_nobody_else_does_where_there_is_a_token(port: MetricsPort, given: str) -> None:
    response = ask(port, authorization=given)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert "barstucks" not in response.text


@pytest.mark.parametrize("port", [""], indirect=True)
def test_without_a_token_everybody_does_who_reaches_the_port(port: MetricsPort) -> None:
    assert ask(port).status_code == 200
    assert ask(port, "/").status_code == 404


@pytest.mark.parametrize("port", [""], indirect=True)
def test_a_client_that_says_nothing_holds_up_the_others_for_a_while_only(
    port: MetricsPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_port._Handler, "timeout", 1.0)
    with socket.create_connection(("127.0.0.1", port.server_port)):
        assert ask(port).status_code == 200


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str]]:
    made: list[tuple[str, int, str]] = []

    class Noted:
        def __init__(self, *where: Any) -> None:
            made.append(where)

        def start(self) -> None:
            pass

    monkeypatch.setattr(process, "MetricsPort", Noted)
    return made


def test_the_processes_of_one_machine_have_ports_side_by_side(
    settings: Any, made: list[tuple[str, int, str]]
) -> None:
    settings.METRICS_PORT, settings.METRICS_HOST, settings.METRICS_TOKEN = 9100, "::1", TOKEN
    for name in ("web", "projector", "reactor"):
        process.make_watchable(name)

    assert made == [("::1", 9100, TOKEN), ("::1", 9101, TOKEN), ("::1", 9102, TOKEN)]


def test_projector_and_reactor_are_made_watchable_when_their_settings_are_loaded(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    settings.ALLOWED_HOSTS = ["localhost"]  # the tests' own host is refused in a demo
    monkeypatch.setattr(process, "make_watchable", made.append)
    site = apps.get_app_config("barstucks_site")
    for loaded in (base_settings, projector_settings, reactor_settings):
        settings.PROCESS = loaded.PROCESS
        site.ready()

    assert made == ["projector", "reactor"]
    assert {*made, "web"} == set(process.PORTS)


def test_nothing_is_opened_unless_it_is_wanted(made: list[tuple[str, int, str]]) -> None:
    process.make_watchable("web")

    assert made == []


def test_a_port_that_is_taken_closes_no_shop(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.METRICS_PORT = taken.getsockname()[1]
        process.make_watchable("web")


@pytest.mark.django_db(databases=["default", "read_models"])
def test_the_token_opens_the_page_from_everywhere(client: Client, settings: Any) -> None:
    asked = {"REMOTE_ADDR": "203.0.113.5", "headers": BEARER}
    without = client.get("/metrics", **asked)  # type: ignore[arg-type]
    settings.METRICS_TOKEN = TOKEN
    with_it = client.get("/metrics", **asked)  # type: ignore[arg-type]
    wrong = client.get(
        "/metrics", REMOTE_ADDR="203.0.113.5", headers={"Authorization": "Bearer no"}
    )

    assert (without.status_code, with_it.status_code, wrong.status_code) == (404, 200, 404)


def test_each_process_counts_under_names_of_its_own() -> None:
    """Two figures of one name would end the process at its start."""
    names = [metric.name for metric in REGISTRY.collect()]

    assert len(names) == len(set(names))

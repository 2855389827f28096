"""The files for Prometheus and Grafana: they parse, and every figure in them is one there is."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from barstucks_site import disk_space
from barstucks_site.admission import middleware, open_orders
from barstucks_site.telemetry import figures
from barstucks_site.telemetry.process import PORTS
from orders.reactions import reactor
from orders.reactions.progress import ReactorProgress
from projections.engine import projector
from projections.engine.backlog import Missing
from projections.engine.pulse import LastPulse
from tests.shop import Shop
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "observability"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROMETHEUS = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text())
DASHBOARD = json.loads((FOLDER / "grafana/barstucks.json").read_text())
PROMETHEUS_S_OWN = {"up"}
COUNTING = (
    disk_space,
    middleware,
    open_orders,
    reactor,
    projector,
)  # modules that count, once imported
WATCHING = ("prometheus", "grafana")


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def alerts() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])
    for rule in alerts():
        yield rule["expr"]


def used() -> set[str]:
    """The names of series in all expressions: words outside of braces, quotes and groupings."""
    names: set[str] = set()
    for expression in expressions():
        bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without) \([^)]*\)', "", expression)
        names.update(re.findall(r"\b((?:barstucks|process|python)_\w+|up)\b", bare))
    return names


def series(printed: str) -> set[str]:
    """The names that these figures have, also of those that nothing was counted for yet."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\w+)$", printed, re.MULTILINE):
        names |= {name}
        if kind == "histogram":
            names |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"}
    return names


class Log:
    """A log that is there."""

    is_away = False

    def head(self) -> int:
        return 100


class Backlog:
    """What a web process knows when it has looked at the log and the read models."""

    def worst(self) -> Missing:
        return Missing()

    def pulse(self) -> LastPulse:
        return LastPulse(at=timezone.now(), position=100)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, db: None) -> str:
    """What /metrics of all processes prints, while the log and the databases are there."""
    progress = ReactorProgress(events_behind=0, seconds_behind=0.0, overdue=(), parked=0)
    monkeypatch.setattr(figures, "reactor_progress", lambda _now: progress)
    monkeypatch.setattr(figures, "event_store", Log)
    monkeypatch.setattr(figures, "backlog", Backlog())
    registry = CollectorRegistry()
    for collector in (figures.ReactorFigures(), figures.LiveScreens(), figures.ReadSideFigures()):
        registry.register(collector)
    return generate_latest(REGISTRY).decode() + generate_latest(registry).decode()


@pytest.mark.django_db(databases=["default", "read_models"])
def test_every_figure_in_dashboard_and_alerts_is_one_that_the_shop_tells(printed: str) -> None:
    assert len(used()) > 20
    assert used() - series(printed) - PROMETHEUS_S_OWN == set()


def test_every_label_in_them_is_one_of_that_figure() -> None:
    """The labels that Prometheus adds are `process`, `job` and `instance`."""
    labels = {
        metric._name: {*metric._labelnames}  # type: ignore[attr-defined]
        for metric in REGISTRY._collector_to_names
        if hasattr(metric, "_labelnames")
    }
    wrong = []
    for expression in expressions():
        for name, selector in re.findall(r"\b(barstucks_\w+)\{([^}]*)\}", expression):
            known = labels.get(re.sub(r"_(total|bucket|count|sum)$", "", name), set())
            asked = set(re.findall(r"(\w+)=", selector))
            wrong += [(name, label) for label in asked - known - {"process", "job", "instance"}]
    assert wrong == []


def test_whoever_sees_the_dashboard_sees_what_the_shop_lives_by() -> None:
    seen = used()

    assert {
        "barstucks_facts_appended_total",
        "barstucks_command_conflicts_total",
        "barstucks_projection_lag_bytes",
        "barstucks_open_screens",
        "barstucks_refused_requests_total",
        "barstucks_request_seconds_bucket",
    } <= seen
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert all(panel["datasource"]["uid"] == source()["uid"] for panel in panels())


def source() -> dict[str, Any]:
    (found,) = yaml.safe_load((FOLDER / "grafana/source.yml").read_text())["datasources"]
    return dict(found)


def test_every_alarm_says_in_words_what_is_wrong() -> None:
    assert all(rule["annotations"]["summary"] for rule in alerts())
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names))


def test_both_come_with_their_profile_only_and_with_every_file_they_need() -> None:
    for name in WATCHING:
        service = COMPOSE["services"][name]
        assert service["profiles"] == ["observability"]
        files = [COMPOSE["configs"][config["source"]]["file"] for config in service["configs"]]
        assert files
        assert all((ROOT / file).is_file() for file in files)
    assert not any(
        set(WATCHING) & set(service.get("depends_on", ()))
        for name, service in COMPOSE["services"].items()
        if name not in WATCHING
    )


def test_grafana_is_open_to_this_machine_only_and_reaches_prometheus_only() -> None:
    grafana, prometheus = (COMPOSE["services"][name] for name in ("grafana", "prometheus"))
    (folder,) = yaml.safe_load((FOLDER / "grafana/folder.yml").read_text())["providers"]
    targets = [config["target"] for config in grafana["configs"]]

    assert grafana["ports"] == ["127.0.0.1:3000:3000"]
    assert "ports" not in prometheus
    assert grafana["networks"] == ["watching"]
    assert source()["url"] == "http://prometheus:9090"
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home in targets
    assert home.startswith(f"{folder['options']['path']}/")


def test_prometheus_asks_every_process_at_its_port() -> None:
    (job,) = PROMETHEUS["scrape_configs"]
    asked = {name: each["port"] for each in job["dns_sd_configs"] for name in each["names"]}
    settings = COMPOSE["services"]["web1"]["environment"]
    base = int(settings["METRICS_PORT"])

    assert asked == {
        "web1": base + PORTS["web"],
        "web2": base + PORTS["web"],
        "projector": base + PORTS["projector"],
        "reactor": base + PORTS["reactor"],
    }
    assert job["authorization"]["credentials_file"] == settings["METRICS_TOKEN_FILE"]
    targets = [c["target"] for c in COMPOSE["services"]["prometheus"]["configs"]]
    assert targets == ["/etc/prometheus/prometheus.yml", "/etc/prometheus/alerts.yml"]
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]


def three_free_ports() -> int:
    """The first of three ports side by side that nobody uses."""
    for base in range(20_100, 30_000, 3):
        sockets = [socket.socket() for _ in PORTS]
        try:
            for port, free in enumerate(sockets, base):
                free.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for free in sockets:
                free.close()
        return base
    raise AssertionError("There are no three free ports side by side.")


@pytest.mark.slow
def test_every_process_of_an_open_shop_tells_its_figures_at_its_port(tmp_path: Path) -> None:
    base, token = three_free_ports(), "a-token-of-the-scraper-s-own"
    environment = {"METRICS_PORT": str(base), "METRICS_TOKEN": token}
    with Shop(tmp_path / "var", environment) as shop, httpx.Client(trust_env=False) as scraper:
        with Visitor(shop) as helen:
            helen.order()
        scraper.headers["Authorization"] = f"Bearer {token}"

        def figures_of(process: str) -> str:
            response = scraper.get(f"http://127.0.0.1:{base + PORTS[process]}/metrics")
            return response.raise_for_status().text

        def value(process: str, name: str) -> float:
            found = re.search(rf"^{re.escape(name)} (\S+)$", figures_of(process), re.MULTILINE)
            return float(found[1]) if found else 0.0

        shop.wait_until(
            lambda: value("projector", 'barstucks_projected_facts_total{rows="live"}') > 0, 15
        )
        assert value("web", 'barstucks_facts_appended_total{type="CoffeeOrdered"}') == 1.0
        shop.wait_until(lambda: "barstucks_projector_pulse_age_seconds" in figures_of("web"), 15)
        names = set().union(*(series(figures_of(process)) for process in PORTS))

        assert used() - names - PROMETHEUS_S_OWN == set()
        del scraper.headers["Authorization"]
        refused = [
            scraper.get(f"http://127.0.0.1:{base + port}/metrics") for port in PORTS.values()
        ]
        assert [response.status_code for response in refused] == [401, 401, 401]

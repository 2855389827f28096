"""The figures that are read when somebody asks for them."""

import pytest
from django.db import DatabaseError
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from barstucks_site.telemetry import figures
from orders.domain.event import published_types
from orders.reactions.progress import OpenPayment, ReactorProgress
from orders.tests.log_in_memory import RECORDED_AT


def reactor_figures(monkeypatch: pytest.MonkeyPatch, progress: ReactorProgress) -> str:
    monkeypatch.setattr(figures, "reactor_progress", lambda _now: progress)
    registry = CollectorRegistry()
    registry.register(figures.ReactorFigures())
    return generate_latest(registry).decode()


def test_the_reactor_s_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    overdue = OpenPayment(stream="order-0a", type_name="PaymentStarted", since=RECORDED_AT)
    progress = ReactorProgress(events_behind=3, seconds_behind=12.5, overdue=(overdue,), parked=2)

    told = reactor_figures(monkeypatch, progress)

    assert "barstucks_reactor_parked_events 2.0" in told
    assert "barstucks_reactor_events_behind 3.0" in told
    assert "barstucks_reactor_seconds_behind 12.5" in told
    assert "barstucks_open_payments_overdue 1.0" in told


def test_facts_are_counted_from_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "REGISTRY", CollectorRegistry())
    figures.register(connections=lambda: 0)

    labels = {"type": "ShopOpenedForTheFirstTime"}
    assert REGISTRY.get_sample_value("barstucks_facts_appended_total", labels) is None
    for event_type in published_types():
        labels = {"type": event_type.name}
        assert REGISTRY.get_sample_value("barstucks_facts_appended_total", labels) is not None


def test_while_the_log_is_away_there_is_only_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    progress = ReactorProgress(events_behind=None, seconds_behind=None, overdue=(), parked=0)

    told = reactor_figures(monkeypatch, progress)

    assert "barstucks_reactor_parked_events 0.0" in told
    assert "barstucks_reactor_seconds_behind" not in told


def test_a_database_that_is_away_takes_no_other_figures_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(_now: object) -> ReactorProgress:
        raise DatabaseError

    monkeypatch.setattr(figures, "reactor_progress", away)

    assert list(figures.ReactorFigures().collect()) == []

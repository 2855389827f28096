"""Alive, ready, and who may read the figures."""

import threading

import pytest
from django.test import Client

from barstucks_site import probes
from barstucks_site.health import BELIEVED_FOR, Watch


class Neighbour:
    """Something to reach; it can be made unreachable."""

    __name__ = "neighbour"

    def __init__(self) -> None:
        self.well = True

    def __call__(self) -> None:
        if not self.well:
            raise ConnectionError("nobody answers")


def test_ready_follows_the_neighbours() -> None:
    neighbour = Neighbour()
    watch = Watch(neighbour)
    seen = [watch.ready()]
    neighbour.well = False
    seen.append(watch.ready())
    neighbour.well = True
    seen.append(watch.ready())

    assert seen == [True, False, True]


def test_a_closing_process_is_not_ready() -> None:
    watch = Watch(Neighbour())
    watch.closing.set()

    assert watch.ready() is False


def test_a_look_that_hangs_is_not_believed_for_long() -> None:
    now = [0.0]
    hanging, looked_once, looks = threading.Event(), threading.Event(), []

    def neighbour() -> None:
        looks.append("look")
        if len(looks) > 1:
            looked_once.set()  # the second look begins: the first one is remembered
            hanging.wait()

    watch = Watch(neighbour, clock=lambda: now[0])
    watch.start()
    looked_once.wait()
    fresh = watch.ready()
    now[0] += BELIEVED_FOR + 1
    stale = watch.ready()
    hanging.set()
    watch.stop()

    assert (fresh, stale) == (True, False)


def test_the_probes_say_yes_or_no_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    neighbour = Neighbour()
    monkeypatch.setattr(probes, "watch", Watch(neighbour))

    alive, ready = client.get("/livez"), client.get("/readyz")
    neighbour.well = False
    still_alive, unready = client.get("/livez"), client.get("/readyz")

    assert (alive.status_code, ready.status_code) == (200, 200)
    assert (still_alive.status_code, unready.status_code) == (200, 503)
    assert unready.content == b"not ready\n"


@pytest.mark.django_db(databases=["default", "read_models"])
def test_figures_are_for_this_machine_and_not_for_the_street(client: Client) -> None:
    here = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    street = client.get("/metrics", REMOTE_ADDR="203.0.113.5")

    assert here.status_code == 200
    assert b"python_info" in here.content
    assert street.status_code == 404

"""Ports: taken ones are refused in a sentence, free ones are found."""

import pytest

from barstucks_site.web_server.http_channel import MOST_PER_ADDRESS, Doorkeeper
from barstucks_site.web_server.listening import HIGHEST, LOWEST, free_port, listen, refusal


def test_a_taken_port_is_refused_with_a_way_out() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use") as refused:
            listen("127.0.0.1", port)

    assert "is in use by another program" in refusal("127.0.0.1", port, refused.value)
    assert "--port 0" in refusal("127.0.0.1", port, refused.value)


def test_a_free_port_lies_outside_the_systems_own_range() -> None:
    assert LOWEST <= free_port() <= HIGHEST


def test_one_address_may_not_take_all_connections() -> None:
    door = Doorkeeper(most=1000, per_address=MOST_PER_ADDRESS)

    let_in = [door.admit("203.0.113.5", port) for port in range(MOST_PER_ADDRESS + 1)]

    assert let_in.count(False) == 1
    assert door.admit("203.0.113.6", 1)


def test_a_connection_leaves_once_however_often_it_says_so() -> None:
    door = Doorkeeper(most=2, per_address=None)
    assert [door.admit("a", 1), door.admit("a", 2), door.admit("a", 3)] == [True, True, False]

    door.leave("a", 1)
    door.leave("a", 1)

    assert door.count == 1
    assert door.admit("a", 3)


def test_this_machine_is_only_counted() -> None:
    door = Doorkeeper(most=1000, per_address=1)

    assert door.admit("127.0.0.1", 1)
    assert door.admit("127.0.0.1", 2)

"""Forty connections that hammer what is slow, while somebody looks at the menu and orders."""

import asyncio
import statistics

import pytest

from tests.load.hostile import Attack, attacks, figures, under_attack
from tests.shop import Shop

pytestmark = pytest.mark.slow

CONNECTIONS = 40
SECONDS = 4.0
ORDERS = 100
"""Of the customer who exports them."""

BEARABLE = 1000
"""Milliseconds. Where one kind of request holds the threads of all, it is several seconds."""

Attacks = dict[str, Attack | None]


@pytest.fixture(scope="module")
def prepared(shop: Shop) -> Attacks:
    """What the attackers send, by name."""
    return attacks(shop, ORDERS)


@pytest.mark.parametrize(
    "begins", ["/me/?after= of a stranger", "/me/?after= of a guest", "/o/", "/me/export", "the lo"]
)
def test_the_menu_and_the_orders_go_on(shop: Shop, prepared: Attacks, begins: str) -> None:
    attack = next(attack for name, attack in prepared.items() if name.startswith(begins))

    seen = asyncio.run(under_attack(shop, attack, CONNECTIONS, SECONDS))

    print(f"\n{begins}: menu {figures(seen.menu)}, orders {figures(seen.orders)}, {seen.attackers}")
    assert not seen.wrong
    assert statistics.median(seen.menu) < BEARABLE
    assert seen.orders
    assert set(seen.attackers) <= {200, 429, 503, 504}  # answered, whatever they do

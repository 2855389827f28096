"""G1: placing orders through the form, the whole shop beside plain CRUD.

Sixteen browsers, each posting as soon as it is redirected. The shop's four processes share the
machine with the browsers, as the peer's one process does. CPU counts until all have come to rest.
"""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.load.browsers import Placed, at_full_load
from tests.load.open_shops import (
    audit,
    cpu_by_part,
    cpu_seconds,
    crud_shop,
    shop_forms,
    wait_until_quiet,
)
from tests.load.side_by_side import Limit, Progress, Row, in_turns, percentile
from tests.shop import PARTS, Shop

BROWSERS = 16
WARM_UP_SECONDS = 1.0
PLAIN, ONE_HOP, SHOP = "plain", "one-hop", "shop"
PEERS = {PLAIN: "CRUD, Django's ASGI handler", ONE_HOP: "CRUD, one thread hop"}


def measure(rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Rows of orders a second and of the slowest in a hundred beside each peer, and of CPU."""
    rates = {
        PLAIN: Row("G1", "orders/s", Limit(3.0, of_ratio=True), PEERS[PLAIN]),
        ONE_HOP: Row("G1", "orders/s", Limit(1.5, of_ratio=True), PEERS[ONE_HOP]),
    }
    slowest = {
        kind: Row("G1", "p99 ms", Limit(1.0, at_most=True, of_ratio=True), peer)
        for kind, peer in PEERS.items()
    }
    together = {
        kind: Row("G1", "CPU ms an order, four processes", Limit(4.0, at_most=True), peer)
        for kind, peer in PEERS.items()
    }
    parts = {part: Row("G1", f"CPU ms an order, {part}") for part in PARTS}
    acknowledged: list[str] = []
    with ExitStack() as stack, tempfile.TemporaryDirectory() as scratch:
        shop = stack.enter_context(Shop())
        peers = {k: stack.enter_context(crud_shop(k, Path(scratch) / k)) for k in PEERS}
        forms = {SHOP: shop_forms(shop, BROWSERS)}
        forms |= {kind: peer.forms(BROWSERS) for kind, peer in peers.items()}
        for side in forms:
            warmed_up = asyncio.run(at_full_load(forms[side], WARM_UP_SECONDS))
            acknowledged += warmed_up.sent if side == SHOP else ()
        done: dict[str, Placed] = {}
        spent: dict[str, float] = {}
        wait_until_quiet(shop)
        for turn, side in enumerate(in_turns([PLAIN, ONE_HOP, SHOP], rounds)):
            before = cpu_by_part(shop) if side == SHOP else {side: cpu_seconds(peers[side].pid)}
            done[side] = placed = asyncio.run(at_full_load(forms[side], seconds))
            if side == SHOP:  # a peer has done all its work when it answers
                wait_until_quiet(shop)
            after = cpu_by_part(shop) if side == SHOP else {side: cpu_seconds(peers[side].pid)}
            used = {name: (after[name] - before[name]) / len(placed.sent) * 1000 for name in after}
            spent[side] = sum(used.values())
            if side == SHOP:
                for part, row in parts.items():
                    row.note(used[part])
                acknowledged += placed.sent
            progress((turn + 1) / (3 * rounds))
            if turn % 3 == 2:
                for kind in PEERS:
                    together[kind].note(spent[SHOP], spent[kind])
                    rates[kind].note(_rate(done[SHOP]), _rate(done[kind]))
                    slowest[kind].note(
                        percentile(done[SHOP].took, 99), percentile(done[kind].took, 99)
                    )
        audit(shop, acknowledged)
    return [*rates.values(), *slowest.values(), *together.values(), *parts.values()]


def _rate(placed: Placed) -> float:
    return len(placed.sent) / placed.seconds

"""An order of the sustained load lives its whole life, and its lag is that of the screens."""

from contextlib import ExitStack

import pytest

from tests.faults.recorded import read_log
from tests.load.open_shops import audit, wait_until_quiet
from tests.load.sustained import lag, opened
from tests.shop import PARTS

pytestmark = pytest.mark.slow


def test_each_order_is_placed_made_paid_and_handed_over() -> None:
    shown: list[float] = []
    with ExitStack() as stack:
        shift = opened(stack)
        held = shift.hold(1.0, 4, shown.append)
        wait_until_quiet(shift.shop)
        log = read_log(shift.shop.eventstore_uri)
        stands_still = lag(shift.shop.var)
        shift.shop.wait_until(lambda: lag(shift.shop.var) > stands_still, 5)
        audit(shift.shop, shift.acknowledged)
    assert len(held.placed.sent) == 4
    for order in held.placed.sent:
        assert [event.type_name for event in log if event.order == order] == [
            "CoffeeOrdered",
            "PreparationStarted",
            "CoffeePrepared",
            "OrderPaid",
            "OrderServed",
        ]
    assert held.longest >= max(held.placed.took)
    assert shown
    assert all(0 < share <= 1 for share in shown)
    assert held.cpu.keys() == set(PARTS)

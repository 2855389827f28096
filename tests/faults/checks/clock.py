"""The clock jumps: forward, back, by a day, to another year. No promise depends on it."""

import time
from itertools import cycle, islice

import httpx

from tests.faults.attack import seconds_to_normal
from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.sabotage import patched
from tests.faults.staff import hand_over, staff
from tests.live_view import LiveView
from tests.shop import Shop

JUMPS = (61.0, -3600.0, 25 * 3600.0, -25 * 3600.0, 12 * 365.25 * 24 * 3600.0, 0.0)
CARD_SECONDS = 20.0


def clock_jumps(shop: Shop, count: int, progress: Progress) -> Figure:
    """After each jump: an order, the same form again, a drink taken, a live screen, a card."""
    wrong: list[str] = []
    placed: list[str] = []
    with OrderingProgram.of(shop) as program:
        for number, jump in enumerate(islice(cycle(JUMPS), count)):
            with (
                staff(shop, "bao", "casey") as (bao, casey),
                LiveView(bao, "barista-queue") as bar,
            ):
                while placed:
                    hand_over(bao, casey, placed.pop())
                earlier = new_key()
                placed.append(program.insist(earlier, contents_of()).order)
                (shop.var / "clock-offset").write_text(str(jump))
                order = program.insist(new_key(), contents_of(card="demo-approve"))
                placed.append(order.order)
                again = program.send(earlier, contents_of())
                if order.status != httpx.codes.CREATED:
                    wrong.append(f"{jump:+.0f} s: an order is answered {order.status}")
                if again.status != httpx.codes.OK:
                    wrong.append(f"{jump:+.0f} s: the same form is answered {again.status}")
                if not bar.comes_to_show(order.order):
                    wrong.append(f"{jump:+.0f} s: the order never came to the bar's screen")
                taken = bao.press(f"/bar/{order.order}/take/").status_code
                # Whose session has ended by then logs in again.
                if taken not in {200, 401, 403}:
                    wrong.append(f"{jump:+.0f} s: take is answered {taken}")
            progress(number + 1)
        (shop.var / "clock-offset").write_text("0")
    normal = seconds_to_normal(shop, time.monotonic())
    text = f"{count} jumps, {len(wrong)} wrong" + (f": {wrong[0]}" if wrong else "")
    return Figure(f"{text}; normal after {normal:.1f} s", not wrong and normal <= 5)


CLOCK = [
    Check(
        name="clock-jumps",
        fault="T11",
        goal="orders, repeats and screens as ever; the audit right",
        run=clock_jumps,
        full=120,
        short=1,
        environment=patched(["jumping-clock"]),
        needs_own_shop=True,
    ),
]

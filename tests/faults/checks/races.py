"""Several people press at the same moment: exactly one of them wins, and the others are told."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.staff import many, staff
from tests.shop import Shop
from tests.visitor import Visitor

CLIENTS = 8
Press = Callable[[], int]


def one_winner(shop: Shop, count: int, progress: Progress) -> Figure:
    """Eight people take one drink, and eight take one payment, at the same moment."""
    wrong: Counter[str] = Counter()
    with (
        OrderingProgram.of(shop) as program,
        many(shop, "barista", CLIENTS) as baristas,
        many(shop, "cashier", CLIENTS) as cashiers,
    ):
        for number in range(count):
            order = program.insist(new_key(), contents_of()).order
            taken = together([_button(b, f"/bar/{order}/take/") for b in baristas])
            paid = together([_button(c, f"/till/{order}/card-by-hand/") for c in cashiers])
            for what, statuses in (("take", taken), ("pay", paid)):
                winners = statuses.count(httpx.codes.OK)
                if winners != 1 or set(statuses) - {200, 409}:
                    wrong[f"{what} {_words(statuses)}"] += 1
            progress(number + 1)
    text = (
        f"{2 * count - wrong.total()} of {2 * count} rounds with 1 winner and {CLIENTS - 1} × 409"
    )
    return Figure(text + (f"; {_several(wrong)}" if wrong else ""), not wrong)


def opposite_wishes(shop: Shop, count: int, progress: Progress) -> Figure:
    """Cancel and take, cancel and pay, two refunds: at the same moment. The audit judges."""
    odd: Counter[str] = Counter()
    with (
        OrderingProgram.of(shop) as program,
        staff(shop, "bao", "casey", "casey", "ada") as (bao, casey, cody, ada),
    ):
        for number in range(count):
            order = program.insist(new_key(), contents_of()).order
            till = f"/till/{order}"
            cancel = _button(ada, f"{till}/cancel/", reason="changed their mind")
            first = together([cancel, _button(bao, f"/bar/{order}/take/")])
            second = together([cancel, _button(casey, f"{till}/cash/", given="50.00")])
            back = [_button(c, f"{till}/give-back/", reason="sorry") for c in (casey, cody)]
            third = together(back)
            for statuses in (first, second, third):
                if set(statuses) - {200, 409}:
                    odd[_words(statuses)] += 1
            progress(number + 1)
    text = f"{3 * count} races; {_several(odd) if odd else 'all answered 200 or 409'}"
    return Figure(text, not odd)


def together(presses: Sequence[Press]) -> list[int]:
    """Press all of them from a common start; the statuses."""
    start = threading.Barrier(len(presses))

    def go(press: Press) -> int:
        start.wait()
        return press()

    with ThreadPoolExecutor(len(presses)) as threads:
        return list(threads.map(go, presses))


def _button(visitor: Visitor, path: str, **fields: str) -> Press:
    return lambda: visitor.press(path, **fields).status_code


def _words(statuses: Sequence[int]) -> str:
    return " ".join(f"{n}×{status}" for status, n in sorted(Counter(statuses).items()))


def _several(counter: Counter[str]) -> str:
    return ", ".join(f"{n} × ({what})" for what, n in counter.most_common(3))


RACES = [
    Check(
        name="one-winner",
        fault="T5",
        goal="1 winner and 7 × 409 in each round; 0 × 500",
        run=one_winner,
        full=1_000,
    ),
    Check(
        name="opposite-wishes",
        fault="T5",
        goal="each answered yes or no; the log is legal and the money right",
        run=opposite_wishes,
        full=300,
        short=3,
    ),
]

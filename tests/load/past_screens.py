"""G7: whole screens at a time T beside their live pages, and the page of a day.

    python -m tests.load.past_screens [--events 10000 100000 1000000] [--shops DIRECTORY]

T is the end of the log, so that the same orders stand on both pages; and a day before. The pages
are made in the process, without a server and without a socket. In turns; medians in milliseconds.
"""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from tests.load.filled_shop import FilledShops, opened_shops, shops_of_this_run
from tests.load.looking_back import DAY, SCREENS, day_before, in_turns, live, looker, then
from tests.load.side_by_side import Limit, Progress, Row

ROUNDS = 9
LOOKS_A_ROUND = 5


def measure(
    shops: FilledShops,
    lengths: Sequence[int],
    *,
    rounds: int = ROUNDS,
    progress: Progress = lambda share: None,
) -> dict[int, dict[str, list[float]]]:
    """Milliseconds by events in the log and by page: one figure a round."""
    looks = [DAY] + [look(screen) for screen in SCREENS for look in (live, then, day_before)]
    with ExitStack() as stack:
        lookers = [stack.enter_context(looker(shops, events)) for events in lengths]
        found = in_turns(lookers, looks, rounds, LOOKS_A_ROUND, progress)
    return {
        events: {look: [s * 1000 for s in seconds] for look, seconds in of_shop.items()}
        for events, of_shop in zip(lengths, found, strict=True)
    }


def rows(rounds: int, events: float, progress: Progress) -> list[Row]:
    """Rows of each screen at T beside its live page, and of the page of a day."""
    long = int(events)
    measured = measure(shops_of_this_run(), (long,), rounds=rounds, progress=progress)
    milliseconds = measured[long]
    found = [Row("G7", f"{DAY}, {long:,} events: ms", ours=milliseconds[DAY])]
    for screen in SCREENS:
        limit = Limit(2, at_most=True, of_ratio=True)
        what = f"{screen} at T, {long:,} events: ms"
        row = Row("G7", what, limit, "live page", milliseconds[live(screen)])
        row.ours += milliseconds[then(screen)]
        found.append(row)
    return found


def main() -> None:
    """Measure and print."""
    with opened_shops(__doc__) as (shops, lengths):
        measured = measure(shops, lengths)
    for events, milliseconds in measured.items():
        for look, times in milliseconds.items():
            print(f"{events:>10,} events: {look:<28} {statistics.median(times):8.2f} ms")
        for screen in SCREENS:
            pairs = zip(milliseconds[then(screen)], milliseconds[live(screen)], strict=True)
            ratio = statistics.median(past / now for past, now in pairs)
            print(f"{events:>10,} events: {screen} at T is {ratio:.2f} x the live page")


if __name__ == "__main__":
    main()

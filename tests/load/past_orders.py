"""G6: one order, and the whole life of one customer, at a time T, at several lengths of history.

    python -m tests.load.past_orders [--events 10000 100000 1000000] [--shops DIRECTORY]

Beside it what an order at T costs where all orders share a topic: reading the topic. In turns;
medians in milliseconds. A directory of shops that is kept makes the next run quicker.
"""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from tests.load.filled_shop import SHORT, FilledShops, opened_shops, shops_of_this_run
from tests.load.looking_back import CUSTOMER, ORDER, TOPIC, in_turns, looker
from tests.load.side_by_side import Limit, Progress, Row, number

ROUNDS = 20
LOOKS_A_ROUND = 10


def measure(
    shops: FilledShops,
    lengths: Sequence[int],
    *,
    rounds: int = ROUNDS,
    topic: bool = True,
    progress: Progress = lambda share: None,
) -> dict[int, dict[str, list[float]]]:
    """Milliseconds by events in the log and by what was looked for: one figure a round.

    The topic is read once only, and with `topic` only.
    """
    with ExitStack() as stack:
        lookers = [stack.enter_context(looker(shops, events)) for events in lengths]
        found = in_turns(lookers, (ORDER, CUSTOMER), rounds, LOOKS_A_ROUND, progress)
        for asked, seconds in zip(lookers, found, strict=True):
            if topic:
                seconds[TOPIC] = asked.look(TOPIC)
    return {
        events: {look: [s * 1000 for s in seconds] for look, seconds in looks.items()}
        for events, looks in zip(lengths, found, strict=True)
    }


def rows(rounds: int, events: float, progress: Progress) -> list[Row]:
    """Rows of one order and one customer with so many events, beside a short history."""
    long = int(events)
    lengths = (SHORT, long)
    measured = measure(shops_of_this_run(), lengths, rounds=rounds, progress=progress)
    found = []
    for look in (ORDER, CUSTOMER):
        limit = Limit(1.1, at_most=True, of_ratio=True)
        row = Row("G6", f"{look} at T, {long:,} events: ms", limit, f"{SHORT:,} events")
        for ours, short in zip(measured[long][look], measured[SHORT][look], strict=True):
            row.note(ours, short)
        found.append(row)
    reading = f"reading a topic of all orders: {number(measured[long][TOPIC][0])}"
    return [*found, Row("G6", f"{ORDER} at T: ms", peer=reading, ours=measured[long][ORDER])]


def main() -> None:
    """Measure and print."""
    with opened_shops(__doc__) as (shops, lengths):
        measured = measure(shops, lengths)
    shortest = measured[lengths[0]]
    for events, looks in measured.items():
        for look, milliseconds in looks.items():
            ratios = [m / s for m, s in zip(milliseconds, shortest[look], strict=True)]
            median = statistics.median(milliseconds)
            print(
                f"{events:>10,} events: {look:<40} {median:10.2f} ms"
                f"   {statistics.median(ratios):8.2f} x that of {lengths[0]:,}"
            )


if __name__ == "__main__":
    main()

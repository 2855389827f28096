"""G6: one order, and the whole life of one customer, at a time T, at several lengths of history.

    python -m tests.load.past_orders [--events 10000 100000 1000000] [--shops DIRECTORY]

Beside it what an order at T costs where all orders share a topic: reading the topic. In turns;
medians in milliseconds. A directory of shops that is kept makes the next run quicker.
"""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from tests.load.filled_shop import FilledShops, opened_shops
from tests.load.looking_back import CUSTOMER, ORDER, TOPIC, in_turns, looker

ROUNDS = 9
LOOKS_A_ROUND = 15


def measure(
    shops: FilledShops, lengths: Sequence[int], *, rounds: int = ROUNDS, topic: bool = True
) -> dict[int, dict[str, list[float]]]:
    """Milliseconds by events in the log and by what was looked for: one figure a round.

    The topic is read once only, and with `topic` only.
    """
    with ExitStack() as stack:
        lookers = [stack.enter_context(looker(shops, events)) for events in lengths]
        found = in_turns(lookers, (ORDER, CUSTOMER), rounds, LOOKS_A_ROUND)
        for asked, seconds in zip(lookers, found, strict=True):
            if topic:
                seconds[TOPIC] = asked.look(TOPIC)
    return {
        events: {look: [s * 1000 for s in seconds] for look, seconds in looks.items()}
        for events, looks in zip(lengths, found, strict=True)
    }


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

"""How refusals are spaced out."""

from barstucks_site.web_server.request_pool import (
    LONGEST_DELAY,
    REFUSED_AT_ONCE,
    REFUSED_PER_SECOND,
    RefusalPace,
)


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_whoever_is_refused_now_and_then_is_told_at_once() -> None:
    clock = Clock()
    pace = RefusalPace(clock)

    delays = [pace.delay() for _ in range(REFUSED_AT_ONCE)]
    for _ in range(100):
        clock.now += 2 / REFUSED_PER_SECOND
        delays.append(pace.delay())

    assert not any(delays)


def test_a_flood_is_refused_at_a_steady_pace_and_nobody_is_held_for_long() -> None:
    clock = Clock()
    pace = RefusalPace(clock)
    told_at = []
    for _ in range(1000):  # within half a second
        clock.now += 0.0005
        told_at.append(clock.now + pace.delay())

    within_half_a_second = [at for at in told_at if at <= 100.5]
    assert len(within_half_a_second) <= REFUSED_AT_ONCE + REFUSED_PER_SECOND / 2 + 1
    assert max(told_at) <= clock.now + LONGEST_DELAY
    clock.now += 10
    assert pace.delay() == 0

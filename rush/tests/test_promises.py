"""Promises are read off the bar's screen: the first one given, the first time ready."""

from rush.promises import KeptPromises, PromiseWatch

SINCE = "2026-05-04T08:00:00+00:00"


def ticket(promised: str) -> str:
    return f'<li><time class="clock" data-since="{SINCE}" data-promised="{promised}">08:00</time>'


def done(seconds: int) -> str:
    return f'<li class="done" data-to-ready="{seconds}"></li>'


def test_a_promise_is_kept_to_the_second() -> None:
    watch = PromiseWatch()
    for order, seconds in (("a", 300), ("b", 301)):
        watch.see(f"ticket-{order}", ticket("2026-05-04T08:05:00+00:00"))
        watch.see(f"done-{order}", done(seconds))

    assert watch.kept(["a", "b"]) == KeptPromises(measured=2, kept=1, within_benchmark=0)


def test_the_first_time_counts() -> None:
    watch = PromiseWatch()
    watch.see("ticket-a", ticket("2026-05-04T08:04:00+00:00"))
    watch.see("done-a", done(100))
    watch.see("ticket-a", ticket("2026-05-04T08:01:00+00:00"))
    watch.see("done-a", done(900))

    assert watch.kept(["a"]) == KeptPromises(measured=1, kept=1, within_benchmark=1)


def test_what_was_never_made_and_what_others_ordered_is_not_measured() -> None:
    watch = PromiseWatch()
    watch.see("ticket-a", ticket("2026-05-04T08:04:00+00:00"))
    watch.see("ticket-b", ticket("2026-05-04T08:04:00+00:00"))
    watch.see("done-b", done(1))

    assert watch.kept(["a"]).lines() == ["  promises kept          none was measured"]


def test_the_report_names_the_public_figure() -> None:
    first, second = KeptPromises(measured=4, kept=3, within_benchmark=2).lines()
    assert "75 %" in first
    assert "3 of 4" in first
    assert "50 %" in second
    assert "pilot" in second

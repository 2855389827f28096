"""The dashboard: positions, rates, sizes, commit times and connections at one glance."""

from datetime import timedelta

from embedded_eventstore.monitoring.statistics import Statistics
from embedded_eventstore.protocol.server_features import SPOKEN_VERSION
from embedded_eventstore.web.markup import Markup, render, together

REFRESH_SECONDS = 5
_SHOWN_SECONDS = 120
_WIDTH, _HEIGHT = 240, 48


def page(statistics: Statistics, *, paused: bool) -> Markup:
    """``paused``: it does not refresh itself."""
    now = statistics.figures(_SHOWN_SECONDS)
    cards = [
        _card(
            "Log",
            grouped(now.last_position),
            "last position",
            ("Database", size(now.database)),
            ("Write-ahead log", size(now.write_ahead_log)),
            ("Free on disk", f"{size(now.disk_free)} of {size(now.disk_total)}"),
        ),
        _curve("Written", now.written_rate, now.written),
        _curve("Read", now.sent_rate, now.sent),
        _card(
            "Commit",
            milliseconds(now.commit_median),
            "fsync included, median of 5 minutes",
            ("99 of 100 within", milliseconds(now.commit_p99)),
            ("Longest", milliseconds(now.commit_longest)),
            ("Commits", grouped(now.commits)),
        ),
        _card(
            "Connections",
            grouped(now.connections),
            "clients with a call open",
            ("Open calls", grouped(now.open_calls)),
            ("Live subscriptions", grouped(now.subscriptions)),
            ("Calls per second", f"{now.call_rate:.1f}"),
        ),
        _card(
            "Node",
            "Leader",
            f"of one, speaks {SPOKEN_VERSION}",
            ("Up for", duration(now.uptime)),
            ("Memory", size(now.memory)),
            ("System projections", now.projections),
        ),
    ]
    how = ("?", "Go on") if paused else ("?paused=", "Pause")
    state = "Paused." if paused else f"Refreshes every {REFRESH_SECONDS} s."
    return render("dashboard", cards=together(cards), state=state, href=how[0], action=how[1])


def size(count: float) -> str:
    """Bytes in a unit that a person can read."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:.1f} TiB"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def duration(seconds: float) -> str:
    return str(timedelta(seconds=int(seconds)))


def grouped(number: int) -> str:
    """Thousands apart, by a space that does not break."""
    return f"{number:,}".replace(",", "\u202f")


def _card(title: str, figure: str, unit: str, *lines: tuple[str, str]) -> Markup:
    rows = together(render("line", name=name, value=value) for name, value in lines)
    return render("card", title=title, figure=figure, unit=unit, lines=rows)


def _curve(title: str, rate: float, counts: list[int]) -> Markup:
    highest = max(counts, default=0)
    step = _WIDTH / max(1, len(counts) - 1)
    points = " ".join(
        f"{index * step:.1f},{_HEIGHT - _HEIGHT * count / max(1, highest):.1f}"
        for index, count in enumerate(counts)
    )
    return render(
        "curve",
        title=title,
        figure=f"{rate:.1f}",
        width=_WIDTH,
        height=_HEIGHT,
        points=points,
        seconds=len(counts),
        highest=grouped(highest),
    )

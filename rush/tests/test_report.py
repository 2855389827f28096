"""The figures of a rush and the file of what was acknowledged."""

import json
from contextlib import closing
from pathlib import Path

from rush.journal import AcknowledgedOrder, Journal, Step
from rush.report import Report, Spread


def report(*problems: str) -> Report:
    spread = Spread.of([0.010, 0.020])
    return Report(
        customers=2,
        seconds=60.0,
        seed=1,
        placed=2,
        paid=1,
        served=1,
        cancelled=0,
        refused={"take: already_taken": 3},
        unanswered={},
        retries=0,
        reconnects=0,
        gaps=0,
        answer=spread,
        bar_screen=spread,
        problems=list(problems),
    )


def test_the_spread_names_durations_that_were_measured() -> None:
    spread = Spread.of([number / 1000 for number in range(1, 101)])
    assert (spread.p50, spread.p95, spread.p99, spread.worst) == (50.0, 95.0, 99.0, 100.0)
    assert Spread.of([]).worst == 0.0


def test_the_verdict_is_in_words() -> None:
    assert "Every acknowledged order is right" in "\n".join(report().lines())
    wrong = "\n".join(report("041 is missing.").lines())
    assert "WRONG" in wrong
    assert "041 is missing." in wrong


def test_the_journal_holds_what_was_acknowledged_and_what_got_no_response(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with closing(Journal(path)) as journal:
        journal.placed(AcknowledgedOrder("ab", "/o/ab.x/", "17", "counter", 1.0, 2.0))
        journal.did(Step.TAKEN, "ab", "barista")
        journal.doubt(Step.READY, "ab")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["step"], line["order"]) for line in lines] == [
        ("placed", "ab"),
        ("taken", "ab"),
        ("ready?", "ab"),
    ]
    assert set(journal.orders["ab"].done) == {Step.TAKEN}
    assert journal.orders["ab"].doubtful == {Step.READY}

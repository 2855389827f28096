"""The bench runs to its end and prints its tables; what the figures are, no test decides."""

import subprocess
import sys

import pytest

from embedded_eventstore.bench.workloads import table
from embedded_eventstore.tests.server_process import REPOSITORY


def test_a_table_says_how_the_first_column_compares_with_the_others() -> None:
    lines = list(table({"store": {"ms": 3.0, "alone": 1.0}, "floor": {"ms": 2.0}}))

    assert lines[0].split() == ["store", "floor"]
    assert lines[1].split() == ["ms", "3.00", "2.00", "(x", "1.50)"]
    assert lines[2].split() == ["alone", "1.00"]


@pytest.mark.slow
def test_one_run_measures_everything() -> None:
    few = ("--appends", "20", "--events", "200", "--stored", "1000")
    run = subprocess.run(
        [sys.executable, "-m", "embedded_eventstore.bench", *few],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )

    for row in (
        "16 appenders",
        "2 open calls",
        "seen live",
        "one sync of this disk",
        "100 subscribers",
    ):
        assert row in run.stdout

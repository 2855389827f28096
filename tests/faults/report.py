"""``python -m tests.faults.report``: every promise of the shop under every fault, as a table.

    --short            small counts, a few minutes (CI)
    --scale 0.1        a tenth of the full counts
    --only NAME …      these checks
    --markdown FILE    the table also as Markdown
    --sabotage NAME    (or all) instead: shops broken on purpose, which the checks have to catch
    --list             what there is

Ends with 1 if anything did not hold.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.faults import sabotages
from tests.faults.all_checks import CHECKS
from tests.faults.check import Check, Figure
from tests.faults.run_check import Row, chosen, run_alone, run_on, shop_of

BAR_WIDTH = 16
SHORT_SCALE = 0.01
"""Of the full count, where a check that has no short form is asked for by name."""

WORDS = {True: "held", False: "NOT HELD", None: "not run"}


class Line:
    """One check's line: a bar on a terminal, rewritten in place; elsewhere two plain lines."""

    def __init__(self, name: str, count: int) -> None:
        self._name, self._count = name, count
        self._begun = time.monotonic()
        self._is_terminal = sys.stdout.isatty()
        self._write("" if self._is_terminal else f"{self._name:24}{count:>7} …\n")
        self.show(0)

    def show(self, done: float) -> None:
        """So much of the count is done."""
        if self._is_terminal:
            filled = min(BAR_WIDTH, round(BAR_WIDTH * done / max(1, self._count)))
            bar = "█" * filled + "·" * (BAR_WIDTH - filled)
            self._write(f"\r\x1b[K{self._name:24}{bar} {done:.0f}/{self._count}  {self._elapsed}")

    def end(self, figure: Figure) -> None:
        """What came of it."""
        start = "\r\x1b[K" if self._is_terminal else ""
        self._write(
            f"{start}{self._name:24}{self._count:>7}  {self._elapsed:>6}  "
            f"{WORDS[figure.held]}: {figure.text}\n"
        )

    @property
    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._begun:.0f} s"

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def main(words: Sequence[str] | None = None) -> int:
    """Run what was asked for; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--scale", type=float, default=1.0, help="of the full counts")
    parser.add_argument("--count", type=int, help="instead of the checks' own counts")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--sabotage", choices=[*sabotages.SABOTAGES, "all"])
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(words)
    if options.list:
        for check in CHECKS:
            print(f"{check.name:24}{check.fault:5}{check.full:>7}{check.short:>6}  {check.goal}")
        return 0
    if options.sabotage:
        return _sabotage(options.sabotage, options.markdown)
    try:
        checks = chosen(CHECKS, options.only) if options.only else list(CHECKS)
    except LookupError as unknown:
        parser.error(str(unknown))
    if options.short and not options.only:
        checks = [check for check in checks if check.short]

    def count_of(check: Check) -> int:
        scale = SHORT_SCALE if options.short else options.scale
        scaled = max(check.short, round(check.full * scale), 1)
        return options.count or (options.short and check.short) or scaled

    rows = _run(checks, count_of, is_short=options.short)
    table = markdown(rows)
    if options.markdown:
        options.markdown.write_text(table)
    failed = [row.check.name for row in rows if row.has_failed]
    skipped = [row.check.name for row in rows if row.figure.held is None]
    print(f"\n{table}")
    print(f"{len(rows) - len(failed) - len(skipped)} of {len(rows)} checks held.")
    if failed:
        print(f"Not held: {', '.join(failed)}.")
    if skipped:
        print(f"Could not be run here: {', '.join(skipped)}.")
    return 1 if failed else 0


def _run(checks: Sequence[Check], count_of: Callable[[Check], int], *, is_short: bool) -> list[Row]:
    """In the short form the checks that leave a shop as it was share one."""
    rows = []
    sharing: dict[tuple[tuple[str, str], ...], list[Check]] = {}
    for check in checks:
        if is_short and check.starts_shop and not check.needs_own_shop:
            sharing.setdefault(tuple(sorted(check.environment.items())), []).append(check)
        else:
            rows.append(_row(check, count_of(check)))
    for together in sharing.values():
        while together:
            rows += _rows_in_one_shop(together, count_of)
    order = [check.name for check in checks]
    return sorted(rows, key=lambda row: order.index(row.check.name))


def _rows_in_one_shop(checks: list[Check], count_of: Callable[[Check], int]) -> list[Row]:
    """Run these, and take them off the list, until all are run or one has failed.

    What is wrong then is not the next one's fault: that gets another shop.
    """
    rows: list[Row] = []
    with shop_of(checks[0]) as shop:
        while checks and not (rows and rows[-1].has_failed):
            check = checks.pop(0)
            times = count_of(check)
            line, began = Line(check.name, times), time.monotonic()
            figure = run_on(shop, check, times, line.show)
            line.end(figure)
            rows.append(Row(check, times, time.monotonic() - began, figure))
    return rows


def _row(check: Check, count: int) -> Row:
    line = Line(check.name, count)
    row = run_alone(check, count, line.show)
    line.end(row.figure)
    return row


def markdown(rows: Sequence[Row]) -> str:
    """The table: check, goal, figure, held or not."""
    lines = ["| check | times | goal | figure | |", "|---|---|---|---|---|"]
    for row in rows:
        fault = f" ({row.check.fault})" if row.check.fault else ""
        text = row.figure.text.replace("|", "¦")
        cells = (f"`{row.check.name}`{fault}", f"{row.count:,}", row.check.goal, text)
        lines.append(f"| {' | '.join(cells)} | {WORDS[row.figure.held]} |")
    return "\n".join(lines) + "\n"


def _sabotage(name: str, file: Path | None) -> int:
    names = list(sabotages.SABOTAGES) if name == "all" else [name]
    lines = ["| sabotage | caught by | what the check said |", "|---|---|---|"]
    escaped = []
    for each in names:
        line = Line(each, len(sabotages.SABOTAGES[each].checks))
        caught = sabotages.caught_by(each, line.show)
        said = "; ".join(row.figure.text for row in caught).replace("|", "¦") or "nothing"
        catchers = ", ".join(f"`{row.check.name}`" for row in caught) or "**nobody**"
        line.end(Figure(f"caught by {catchers}: {said[:300]}", held=bool(caught)))
        lines.append(f"| {each} | {catchers} | {said[:300]} |")
        if not caught:
            escaped.append(each)
    table = "\n".join(lines) + "\n"
    if file:
        file.write_text(table)
    print(f"\n{table}{len(names) - len(escaped)} of {len(names)} sabotages were caught.")
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())

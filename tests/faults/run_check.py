"""Runs one check on a shop, and the audit after it. Knows no single check."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.faults.check import Check, Figure, Progress, no_progress
from tests.faults.shop_audit import shop_is_wrong
from tests.shop import Shop


@dataclass(frozen=True)
class Row:
    """What came of one check."""

    check: Check
    count: int
    seconds: float
    figure: Figure

    @property
    def has_failed(self) -> bool:
        """Whether it was run and did not hold."""
        return self.figure.held is False


@contextmanager
def shop_of(check: Check, environment: Mapping[str, str] | None = None) -> Iterator[Shop]:
    """A shop for this check alone, open if the check wants it so; swept afterwards."""
    shop = Shop(environment={**check.environment, **(environment or {})})
    try:
        if check.starts_shop:
            shop.start()
        yield shop
    finally:
        shop.stop()
        shutil.rmtree(shop.var, ignore_errors=True)


def run_on(shop: Shop, check: Check, count: int, progress: Progress = no_progress) -> Figure:
    """Run it on this shop, then the audit. An error of the check itself is a figure too."""
    try:
        figure = check.run(shop, count, progress)
        wrong = shop_is_wrong(shop) if check.is_audited and shop.is_open else []
    except Exception as error:  # noqa: BLE001 - the other checks are still to be run
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return Figure(f"{said[:100]} … {said[-160:]}" if len(said) > 280 else said, held=False)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return Figure(f"{figure.text}; audit: {wrong[0]}{more}", held=False)
    return figure


def run_alone(
    check: Check,
    count: int,
    progress: Progress = no_progress,
    environment: Mapping[str, str] | None = None,
) -> Row:
    """Run it on a shop of its own."""
    began = time.monotonic()
    try:
        with shop_of(check, environment) as shop:
            figure = run_on(shop, check, count, progress)
    except Exception as error:  # noqa: BLE001 - a shop that does not open is a figure
        said = " ".join(str(error).split())[-200:]
        figure = Figure(f"The shop did not open: {said}", held=False)
    return Row(check, count, time.monotonic() - began, figure)


@contextmanager
def everything_started_with(environment: Mapping[str, str]) -> Iterator[None]:
    """All processes that are started meanwhile get these variables too."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def chosen(checks: Sequence[Check], names: Sequence[str]) -> list[Check]:
    """The checks of these names, in their order. Raises `LookupError` with a sentence."""
    unknown = set(names) - {check.name for check in checks}
    if unknown:
        known = ", ".join(check.name for check in checks)
        raise LookupError(f"No check is called {', '.join(sorted(unknown))}. There are: {known}.")
    return [check for check in checks if check.name in names]

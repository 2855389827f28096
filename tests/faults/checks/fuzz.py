"""The fuzzers of pages, of raw requests and of websockets, which are tests of their own."""

import os
import re
import subprocess
import sys

from tests.faults.check import Check, Figure, Progress
from tests.shop import ROOT, Shop

REQUESTS = "BARSTUCKS_FUZZ_REQUESTS"
SECONDS_A_REQUEST = 0.1


def fuzz(shop: Shop, count: int, progress: Progress) -> Figure:
    """Every route and parameter with absurd values, as everybody: about so many requests."""
    files = sorted(str(file) for file in (ROOT / "tests" / "faults").glob("test_fuzz_*.py"))
    if not files:
        return Figure("there is no fuzzer here", None)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=0", *files],
        cwd=ROOT,
        env=os.environ | {"BARSTUCKS_VAR": str(shop.var), REQUESTS: str(count)},
        capture_output=True,
        text=True,
        timeout=600 + count * SECONDS_A_REQUEST,
        check=False,
    )
    progress(count)
    lines = [line for line in ran.stdout.splitlines() if line.strip()]
    failed = re.findall(r"^FAILED (.*)$", ran.stdout, re.MULTILINE)
    text = lines[-1] if lines else "nothing said"
    return Figure(f"{text}: {failed[0][:200]}" if failed else text, ran.returncode == 0)


FUZZ = [
    Check(
        name="fuzz",
        fault="T17",
        goal="0 × 500, 0 tracebacks",
        run=fuzz,
        full=20_000,
        starts_shop=False,
    ),
]

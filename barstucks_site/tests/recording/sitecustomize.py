"""Python runs this first in a process that has its directory on the PYTHONPATH.

When the process ends, it writes down which modules it had imported, in a file named after it.
"""

import atexit
import os
import sys
from pathlib import Path


def _record(directory: str) -> None:
    modules = "\n".join([" ".join(sys.orig_argv), *sorted(sys.modules)])
    (Path(directory) / f"{os.getpid()}.modules").write_text(modules)


if "BARSTUCKS_TEST_MODULES" in os.environ:
    atexit.register(_record, os.environ["BARSTUCKS_TEST_MODULES"])

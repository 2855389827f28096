"""The programs of the README, run as a reader would run them."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
_PROGRAM = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def programs() -> dict[str, str]:
    """Each by the name in its first line."""
    return dict(_PROGRAM.findall(README.read_text()))


def program_runs(directory: Path, *, package: Path) -> None:
    """Write them down and have pytest test them, with the store that lies in ``package``."""
    for name, program in programs().items():
        (directory / name).write_text(program)
    environment = os.environ | {
        "PYTHONPATH": str(package),
        # As if it were installed, and nothing else that is.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "embedded_eventstore.pytest_plugin",
    }
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
        cwd=directory,
        env=environment,
        timeout=90,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "1 passed" in tested.stdout, tested.stdout + tested.stderr

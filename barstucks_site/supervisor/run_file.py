"""`run.json` in the directory of a shop: who runs there now, and where they answer.

For the owner only: the address of the log holds a password.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barstucks_site import private_file

NAME = "run.json"


def write(directory: Path, running: Mapping[str, Any]) -> None:
    """Write process ids by name, and addresses. Replaced whole, so never read half."""
    private_file.replace(directory / NAME, json.dumps(running, indent=2) + "\n")


def remove(directory: Path) -> None:
    """Nobody runs there any more."""
    (directory / NAME).unlink(missing_ok=True)


def running_eventstore(directory: Path) -> str | None:
    """The address of the Eventstore that `manage.py serve` runs for this shop now, if any."""
    try:
        running = json.loads((directory / NAME).read_text())
        return str(running["eventstore_uri"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

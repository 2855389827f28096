"""docker-compose.yml and the manual that speaks of it, read: for the tests of the cluster."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
NODES = ("node1", "node2", "node3")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()

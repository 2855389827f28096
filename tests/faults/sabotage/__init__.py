"""Processes of the shop that are not as they are shipped: broken on purpose, or dying on request.

The shop's code has no hooks for this. A process that starts with this directory on its PYTHONPATH
runs `sitecustomize.py` here, which changes the modules named in PATCHES_VARIABLE as they are
imported.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.faults.sabotage.sitecustomize import PATCHES_VARIABLE

__all__ = ["PATCHES_VARIABLE", "patched"]

DIRECTORY = Path(__file__).resolve().parent


def patched(patches: Sequence[str], **more: str) -> dict[str, str]:
    """The environment of processes to which these patches are applied."""
    return {"PYTHONPATH": str(DIRECTORY), PATCHES_VARIABLE: ",".join(patches), **more}

"""Python runs this before anything else in a process that has its directory on the PYTHONPATH.

Changes modules of the shop as they are imported: for each name in the variable, what the patch of
that name (`patches.py`) does. Uses nothing but the standard library, and imports nothing of the
shop itself: it runs before Django is set up.
"""

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

PATCHES_VARIABLE = "BARSTUCKS_TEST_PATCHES"

Patch = Callable[[Any], None]
"""Changes the module it gets."""


class _PatchingLoader(Loader):
    """Loads a module as usual, then changes it."""

    def __init__(self, loader: Loader, patches: Sequence[Patch]) -> None:
        self._loader = loader
        self._patches = patches

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As usual."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As usual, then the patches."""
        self._loader.exec_module(module)
        for patch in self._patches:
            patch(module)


class _PatchingFinder(MetaPathFinder):
    """Finds the modules that are to be changed; all others are found by others."""

    def __init__(self, patches: dict[str, list[Patch]]) -> None:
        self._patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the others, with a loader of ours."""
        if fullname not in self._patches:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _PatchingLoader(spec.loader, self._patches[fullname])
                return spec
        return None


def _install(names: Sequence[str]) -> None:
    file = Path(__file__).with_name("patches.py")
    spec = importlib.util.spec_from_file_location("barstucks_test_patches", file)
    assert spec is not None
    assert spec.loader is not None
    patches = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(patches)
    by_module: dict[str, list[Patch]] = {}
    for name in names:
        for module, patch in patches.PATCHES[name]:
            by_module.setdefault(module, []).append(patch)
    sys.meta_path.insert(0, _PatchingFinder(by_module))


_names = [name for name in os.environ.get(PATCHES_VARIABLE, "").split(",") if name]
if _names:
    _install(_names)

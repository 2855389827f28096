"""Which modules know the name of the client library: one on each side, also among the tests.

The import contracts say it of the packages; tests and scripts are outside of them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
GENERATIONS = {"esdbclient", "kurrentdbclient"}
KNOWING = {"orders/event_store/client_library.py", "embedded_eventstore/client_library.py"}


def _python_files() -> Iterator[Path]:
    for package in (*ROOT.glob("*/__init__.py"), ROOT / "manage.py", ROOT / "conftest.py"):
        yield from package.parent.rglob("*.py") if package.name == "__init__.py" else (package,)


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module


def test_one_module_on_each_side_imports_the_client_library() -> None:
    importing = {
        str(file.relative_to(ROOT))
        for file in _python_files()
        if GENERATIONS & {name.partition(".")[0] for name in _imported(file)}
    }
    assert importing == KNOWING

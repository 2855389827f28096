"""A Python prompt for a program: one statement a line as JSON in, what it printed as JSON out.

`--django` prepares what `manage.py shell` prepares. Run in the directory of the shop; knows nothing
of tutorials.
"""

import contextlib
import io
import json
import sys
import traceback
from typing import Any


def _run(source: str, names: dict[str, Any]) -> str:
    """Execute one statement as the prompt does. What that printed, a traceback included."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(compile(source, "<stdin>", "single"), names)  # noqa: S102 - that is what it is for
        except Exception as error:  # noqa: BLE001 - shown, as at any prompt
            ours = error.__traceback__
            error.__traceback__ = ours.tb_next if ours else None
            traceback.print_exception(error)
    return printed.getvalue()


def main() -> None:
    """Until the end of the input."""
    if "--django" in sys.argv:
        import os

        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
        django.setup()
    names: dict[str, Any] = {"__name__": "__console__"}
    for line in sys.stdin:
        answer = json.dumps(_run(json.loads(line), names))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, "")
    main()

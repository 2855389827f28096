#!/usr/bin/env python
"""The shop's command line: `manage.py serve` opens it, `manage.py help` lists the rest."""

import os
import sys

EX_CONFIG = 78  # sysexits.h: a configuration error
SETTINGS = "barstucks_site.settings"
SETTINGS_OF = {
    "project": "barstucks_site.projector_settings",
    "react": "barstucks_site.reactor_settings",
}
"""Commands of processes that stay and serve no page: they load less."""


def main() -> None:
    """Run one command; a bad setting is said in one sentence, not in a traceback."""
    # Who started this process may have left the settings of all commands in the environment.
    if os.environ.get("DJANGO_SETTINGS_MODULE", SETTINGS) == SETTINGS:
        command = sys.argv[1] if len(sys.argv) > 1 else ""
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_OF.get(command, SETTINGS)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()

#!/usr/bin/env python
"""The shop's command line: `manage.py serve` opens it, `manage.py help` lists the rest."""

import os
import sys

EX_CONFIG = 78  # sysexits.h: a configuration error


def main() -> None:
    """Run one command; a bad setting is said in one sentence, not in a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()

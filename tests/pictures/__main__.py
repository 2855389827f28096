"""Takes a picture of every screen and state of a demo shop, in every look and at every size.

bin/pictures [--into DIRECTORY] [NAME …]    only pictures whose name begins so, if any are given
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import django

from tests.shop import OF_ANOTHER_SHOP, ROOT, Shop

SHOWN_SECONDS = 60
CITY_OF_PICTURES = "Europe/Berlin"


def main() -> None:
    """Open a shop in a scratch directory, stage a day, take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--into", type=Path, default=ROOT / "var" / "pictures")
    parser.add_argument("names", nargs="*", help="only pictures whose name begins so")
    options = parser.parse_args()
    for variable in OF_ANOTHER_SHOP:
        os.environ.pop(variable, None)
    with Shop(environment={"TIME_ZONE": CITY_OF_PICTURES}) as shop:
        os.environ.update(
            BARSTUCKS_VAR=str(shop.var),
            EVENTSTORE_URI=shop.eventstore_uri,
            TIME_ZONE=CITY_OF_PICTURES,
            DJANGO_SETTINGS_MODULE="barstucks_site.settings",
        )
        django.setup()
        from tests.pictures.taking import take_all

        failed = take_all(shop, options.into, wanted(options.names))
    print(f"Look at them: {options.into / 'index.html'}")
    if failed:
        sys.exit(f"Not taken: {', '.join(failed)}")


def wanted(beginnings: Iterable[str]) -> Callable[[str], bool]:
    """Whether a picture of that name is asked for."""
    chosen = tuple(beginnings)
    return lambda name: not chosen or name.startswith(chosen)


if __name__ == "__main__":
    main()

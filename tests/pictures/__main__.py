"""Takes a picture of every screen and state of a demo shop, in every look and at every size.

bin/pictures [--into DIRECTORY] [NAME …]    only pictures whose name begins so, if any are given
bin/pictures --best                         those of the README, into docs/pictures
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import django

from tests.shop import OF_ANOTHER_SHOP, ROOT, Shop

ENVIRONMENT = {"TIME_ZONE": "Europe/Berlin", "PAYMENT_GIVE_UP_SECONDS": "3600"}
"""Of the shop. Its card payments began minutes ago, and nobody is to give them up."""


PLACE = ("var", "pictures")
BEST_PLACE = ("docs", "pictures")


def main() -> None:
    """Open a shop in a scratch directory, stage a day, take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--into", type=Path)
    parser.add_argument("--best", action="store_true", help="those that the README shows")
    parser.add_argument("names", nargs="*", help="only pictures whose name begins so")
    options = parser.parse_args()
    for variable in OF_ANOTHER_SHOP:
        os.environ.pop(variable, None)
    with Shop(environment=ENVIRONMENT) as shop:
        os.environ.update(
            BARSTUCKS_VAR=str(shop.var),
            EVENTSTORE_URI=shop.eventstore_uri,
            **ENVIRONMENT,
            DJANGO_SETTINGS_MODULE="barstucks_site.settings",
        )
        django.setup()
        from tests.pictures.scenes import BEST
        from tests.pictures.taking import take_all

        into = options.into or ROOT.joinpath(*(BEST_PLACE if options.best else PLACE))
        is_wanted = BEST.__contains__ if options.best else wanted(options.names)
        failed = take_all(shop, into, is_wanted, small=options.best)
    print(f"Look at them: {into}")
    if failed:
        sys.exit(f"Not taken: {', '.join(failed)}")


def wanted(beginnings: Iterable[str]) -> Callable[[str], bool]:
    """Whether a picture of that name is asked for."""
    chosen = tuple(beginnings)
    return lambda name: not chosen or name.startswith(chosen)


if __name__ == "__main__":
    main()

"""Static files, served before Django from the folders themselves: nothing to collect."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from servestatic import ServeStaticASGI


def with_static_files(inner: Any) -> Any:
    """The ASGI application `inner`, with every file the finders know in front of it.

    Files are looked up once, at start: no path from outside ever reaches the disk.
    """
    served = ServeStaticASGI(inner, max_age=settings.SERVESTATIC_MAX_AGE, allow_all_origins=False)
    prefix = settings.STATIC_URL
    found: dict[str, str] = {}
    for finder in get_finders():
        for path, storage in finder.list([]):
            within = f"{storage.prefix}/{path}" if getattr(storage, "prefix", "") else path
            found.setdefault(within, storage.path(path))
    for within, file in found.items():
        served.add_file_to_dictionary(f"{prefix}{within}", file)
    return served

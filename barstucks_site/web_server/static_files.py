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
    for finder in reversed(list(get_finders())):  # of two files of one name, the first finder's
        for path, storage in finder.list([]):
            served.add_file_to_dictionary(f"{settings.STATIC_URL}{path}", storage.path(path))
    return served

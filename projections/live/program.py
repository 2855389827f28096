"""Which scripts and styles the web process serves, so that a page with older ones can say so."""

from django.contrib.staticfiles.storage import staticfiles_storage


def program() -> str:
    """A name that changes with every script and style; "" where they have no names of their own."""
    return str(getattr(staticfiles_storage, "manifest_hash", ""))

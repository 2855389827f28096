"""The token with which a scraper shows that it may read the figures."""

from secrets import compare_digest

SHORTEST = 20
"""Characters of METRICS_TOKEN, at least."""


def carries(authorization: str, token: str) -> bool:
    """Whether an `Authorization` header bears this token. Without a token nobody's does.

    Takes as long for a nearly right one as for a wrong one.
    """
    scheme, _, given = authorization.partition(" ")
    is_right = compare_digest(given.strip().encode(), token.encode())
    return bool(token) and scheme.lower() == "bearer" and is_right

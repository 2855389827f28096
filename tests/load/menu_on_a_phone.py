"""G13: the first view of the menu with an empty cache: requests and kilobytes over the wire."""

from tests.first_view import first_view
from tests.load.side_by_side import Limit, Progress, Row
from tests.shop import Shop


def measure(_rounds: int, _seconds: float, progress: Progress) -> list[Row]:
    """Rows of both. The same every time: once is enough."""
    requests = Row("G13", "first view of the menu: requests", Limit(10, at_most=True))
    kilobytes = Row("G13", "first view of the menu: KB", Limit(38, at_most=True))
    with Shop() as shop:
        view = first_view(f"{shop.url}/")
    requests.note(len(view))
    kilobytes.note(sum(part.bytes for part in view.values()) / 1000)
    progress(1)
    return [requests, kilobytes]

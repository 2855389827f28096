"""Sends attempts to a stocked shop, as the person that each names."""

from tests.faults.fuzz.attempts import Attempt
from tests.faults.fuzz.served import Response, Served
from tests.faults.fuzz.stocked_shop import ANONYMOUS, GUEST, StockedShop


def send(served: Served, shop: StockedShop, attempt: Attempt) -> Response:
    """Send an attempt; whoever was logged out by it is let in again."""
    headers = {"accept": attempt.accept}
    if attempt.kind:
        headers["content-type"] = attempt.kind
    browser = shop.browsers[attempt.role]
    response = served.ask(
        browser,
        attempt.method,
        attempt.path,
        query=attempt.query,
        body=attempt.body,
        headers=headers,
    )
    if "session" in response.set_cookies and attempt.role not in (ANONYMOUS, GUEST):
        shop.log_in(attempt.role)
    return response

"""How streams are named: the category before the first dash, an opaque id after it.

One stream per aggregate. Ids say nothing about a person; a stream called after Helen could never
forget her.
"""

from datetime import date
from uuid import UUID

ORDER = "order"
CUSTOMER = "customer"
CUSTOMER_NAME = "customername"
ORDER_NUMBERS = "ordernumbers"
SHOP = "shop"
PICK_UPS = "pickups"

CATEGORIES = (ORDER, CUSTOMER, CUSTOMER_NAME, ORDER_NUMBERS, SHOP, PICK_UPS)

PREFIXES = tuple(f"{category}-" for category in CATEGORIES)
"""The one filter with which every subscription to the log reads the shop's own streams."""


SHOP_STREAM = f"{SHOP}-main"
"""The stream of the shop itself: what is sold out, how much the bar takes on, its settings."""


def order_stream(order: UUID) -> str:
    """The stream of one coffee order: all its facts, from all three services."""
    return f"{ORDER}-{order.hex}"


def customer_stream(customer: UUID) -> str:
    """The stream of one customer."""
    return f"{CUSTOMER}-{customer.hex}"


def customer_name_stream(keyed_hash: str) -> str:
    """The reservation of one name; `keyed_hash` is hexadecimal."""
    return f"{CUSTOMER_NAME}-{keyed_hash}"


def order_numbers_stream(day: date, block: int) -> str:
    """The reservation of one block of a day's order numbers; blocks count from 0."""
    return f"{ORDER_NUMBERS}-{day.isoformat()}-{block}"


def pick_ups_stream(day: date) -> str:
    """The slots of a day at which orders are picked up."""
    return f"{PICK_UPS}-{day.isoformat()}"


def category_of(stream: str) -> str:
    """The text before the first dash."""
    return stream.partition("-")[0]


def id_of(stream: str) -> str:
    """The text after the first dash: the hexadecimal id of an order or a customer."""
    return stream.partition("-")[2]

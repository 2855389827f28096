"""Who may do what: the one table of permissions and roles. Everything else is refused."""

from collections.abc import Mapping

PERMISSIONS: Mapping[str, str] = {
    "see_queue": "See the queue of the bar",
    "prepare": "Take, tick, make ready, hold, rush, bring back and stop orders",
    "sell_out": "Mark an item as sold out or back in stock",
    "see_desk": "See the desk of the till",
    "take_payment": "Take payments",
    "refund": "Give money back",
    "serve": "Hand orders over, or note that nobody came",
    "cancel_any_order": "Cancel orders for the shop",
    "order_at_counter": "Take orders at the counter",
    "write_off": "Write off what will not be paid",
    "choose_settings": "Choose how the shop wants things to be",
    "let_programs_in": "Make tokens for programs, and withdraw them",
    "see_sales": "See the figures of the day",
    "see_facts": "See every fact of every stream",
    "repair": "Retry or skip parked facts",
    "make_accounts": "Make accounts of the staff, give roles, withdraw them",
}
"""Codename → what it allows, as the admin shows it."""

BARISTA = "barista"
CASHIER = "cashier"
MANAGER = "manager"

ROLES: Mapping[str, frozenset[str]] = {
    BARISTA: frozenset({"see_queue", "prepare", "sell_out"}),
    CASHIER: frozenset(
        {
            "see_desk",
            "see_queue",
            "take_payment",
            "refund",
            "serve",
            "cancel_any_order",
            "order_at_counter",
            "write_off",
        }
    ),
    MANAGER: frozenset(PERMISSIONS),
}
"""Role (a Django group of that name) → what it allows."""

FIRST_SCREENS: tuple[tuple[str, str], ...] = (
    ("see_sales", "sales"),
    ("see_desk", "till"),
    ("see_queue", "bar"),
)
"""Where somebody starts after the login: the first permission they hold → the page's name."""

"""Which way an order came in: told by who placed it, never stored by anybody."""

WEB = "web"
COUNTER = "counter"


def channel_of(actor: str) -> str:
    """`counter` for an order that staff took down, `web` for one a customer sent."""
    return COUNTER if actor.startswith("staff-") else WEB

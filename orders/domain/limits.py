"""How much an order may hold, how long a text may be, and how a whole number is written."""

MOST_LINES = 50
MOST_OF_A_LINE = 20
LONGEST_NAME = 40
LONGEST_NOTE = 200
LONGEST_ALLERGIES = 200
LONGEST_REASON = 200
LONGEST_HOLD = 240
"""Minutes."""
MOST_ADDED_SECONDS = 24 * 3600
"""By which the promise of a changed order may move."""


def whole_number(text: str | None, digits: int = 4) -> int | None:
    """The number in a text of at most so many ASCII digits; None for anything else.

    Python's own `int` also reads "²", "١" and "1_000", and any length.
    """
    if text and text.isascii() and text.isdigit() and len(text) <= digits:
        return int(text)
    return None

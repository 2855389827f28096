"""Words for a person, in English, which remember what they were put together from.

Whoever shows them may say them in another language (`orders.languages`); whoever only reads or
logs them has a plain English text.
"""

from typing import Any


class Words(str):
    """English text with its pattern and the parts in it: `Words("%(due)s to pay", due=amount)`.

    A part that is `Words` or an amount of money is said in the other language too; any other text
    is somebody's own and stays as it is. With `plural`, the pattern for any number but one, the
    `number` decides and is a part too.
    """

    pattern: str
    plural: str
    number: int
    parts: dict[str, object]

    def __new__(cls, pattern: str, plural: str = "", *, number: int = 1, **parts: Any) -> "Words":
        """The words; every part that a pattern names must be given (`KeyError`)."""
        if plural:
            parts["number"] = number
        english = plural if plural and number != 1 else pattern
        words = super().__new__(cls, english % parts if parts else english)
        words.pattern, words.plural, words.number, words.parts = pattern, plural, number, parts
        return words

    def __getnewargs__(self) -> Any:
        """What makes the same text again: its parts come back with the attributes."""
        return (str(self),)

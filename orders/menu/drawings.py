"""Which drawing stands for an item of the menu: a symbol of `static/img/drawings.svg`.

Plain names: how they look, and in which colours, is the stylesheet's business.
"""

ITEMS = (
    "espresso",
    "caffe-latte",
    "cappuccino",
    "flat-white",
    "americano",
    "filter-coffee",
    "caffe-mocha",
    "iced-caffe-latte",
    "cold-brew",
    "iced-americano",
    "chai-latte",
    "english-breakfast",
    "fresh-mint-tea",
    "hot-chocolate",
    "butter-croissant",
    "cinnamon-roll",
    "banana-bread",
    "cheese-toastie",
    "bagel",
)
"""Drawings of the items of the first menu, named after their slugs."""

CATEGORIES = ("coffee", "iced", "tea-and-chocolate", "to-eat")
"""Drawings for what else there is in a category of the first menu, named after its slug."""

ANYTHING = "cup"

DRAWN = (*ITEMS, *CATEGORIES, ANYTHING)


def drawing_choices() -> list[tuple[str, str]]:
    """What an owner can choose from, with words."""
    return [(name, name.replace("-", " ").capitalize()) for name in DRAWN]


def drawing_of(chosen: str, item: str, category: str) -> str:
    """The one that the owner chose, else the item's own, its category's, or a cup (slugs)."""
    return next((name for name in (chosen, item, category) if name in DRAWN), ANYTHING)

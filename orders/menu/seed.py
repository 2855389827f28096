"""The menu of a shop on its first day; afterwards it is edited in the admin.

Words and prices only. Prices are cents; a size's price is the item's price in that size.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SeedItem:
    """One thing to drink or to eat; `sizes` are (slug, price) with the first as default."""

    slug: str
    name: str
    bar_name: str
    description: str
    allergens: str
    price: int = 0
    sizes: tuple[tuple[str, int], ...] = ()
    groups: tuple[str, ...] = ()


def _sizes(small: int, regular: int, large: int) -> tuple[tuple[str, int], ...]:
    return (("regular", regular), ("small", small), ("large", large))


BLACK = ("extras", "beans", "sugar")
WHITE = ("milk", "extras", "beans", "sugar")
ICED = ("milk", "extras", "beans", "sugar", "ice")

CATEGORIES: tuple[tuple[str, str, tuple[SeedItem, ...]], ...] = (
    (
        "coffee",
        "Coffee",
        (
            SeedItem(
                "espresso",
                "Espresso",
                "Espresso",
                "Short and strong",
                "",
                sizes=(("single", 250), ("double", 320)),
                groups=("beans", "sugar"),
            ),
            SeedItem(
                "caffe-latte",
                "Caffè Latte",
                "Latte",
                "Espresso with plenty of milk",
                "milk",
                sizes=_sizes(390, 450, 510),
                groups=WHITE,
            ),
            SeedItem(
                "cappuccino",
                "Cappuccino",
                "Capp",
                "Espresso under thick foam",
                "milk",
                sizes=_sizes(370, 420, 480),
                groups=WHITE,
            ),
            SeedItem(
                "flat-white",
                "Flat White",
                "Flat Wh",
                "A double under fine foam",
                "milk",
                price=430,
                groups=WHITE,
            ),
            SeedItem(
                "americano",
                "Americano",
                "Americ",
                "Espresso and hot water",
                "",
                sizes=_sizes(320, 360, 400),
                groups=BLACK,
            ),
            SeedItem(
                "filter-coffee",
                "Filter Coffee",
                "Filter",
                "Today's roast, brewed fresh",
                "",
                sizes=_sizes(280, 330, 380),
                groups=("extras", "sugar"),
            ),
            SeedItem(
                "caffe-mocha",
                "Caffè Mocha",
                "Mocha",
                "Latte with dark chocolate",
                "milk, soy",
                sizes=_sizes(430, 490, 550),
                groups=WHITE,
            ),
        ),
    ),
    (
        "iced",
        "Iced",
        (
            SeedItem(
                "iced-caffe-latte",
                "Iced Caffè Latte",
                "Iced Latte",
                "Espresso, cold milk, ice",
                "milk",
                sizes=_sizes(460, 520, 580),
                groups=ICED,
            ),
            SeedItem(
                "cold-brew",
                "Cold Brew",
                "Cold Brew",
                "Twenty hours in cold water",
                "",
                sizes=_sizes(400, 450, 500),
                groups=("extras", "sugar", "ice"),
            ),
            SeedItem(
                "iced-americano",
                "Iced Americano",
                "Iced Am",
                "Espresso over ice",
                "",
                sizes=_sizes(350, 390, 430),
                groups=(*BLACK, "ice"),
            ),
        ),
    ),
    (
        "tea-and-chocolate",
        "Tea and chocolate",
        (
            SeedItem(
                "chai-latte",
                "Chai Latte",
                "Chai",
                "Spiced tea with milk",
                "milk",
                sizes=_sizes(400, 460, 520),
                groups=("milk", "extras"),
            ),
            SeedItem(
                "english-breakfast",
                "English Breakfast",
                "Engl Br",
                "A pot of black tea",
                "",
                price=320,
                groups=("milk", "sugar"),
            ),
            SeedItem(
                "fresh-mint-tea",
                "Fresh Mint Tea",
                "Mint",
                "Mint leaves, hot water",
                "",
                price=340,
                groups=("sugar",),
            ),
            SeedItem(
                "hot-chocolate",
                "Hot Chocolate",
                "Choc",
                "Dark chocolate, melted",
                "milk, soy",
                sizes=_sizes(390, 450, 510),
                groups=("milk", "extras"),
            ),
        ),
    ),
    (
        "to-eat",
        "To eat",
        (
            SeedItem(
                "butter-croissant",
                "Butter Croissant",
                "Croissant",
                "Baked this morning",
                "gluten, milk, egg",
                price=280,
                groups=("warmth", "spreads"),
            ),
            SeedItem(
                "cinnamon-roll",
                "Cinnamon Roll",
                "Cinn Roll",
                "Sticky, with cardamom",
                "gluten, milk, egg",
                price=340,
                groups=("warmth",),
            ),
            SeedItem(
                "banana-bread",
                "Banana Bread",
                "Banana",
                "A thick slice",
                "gluten, egg, nuts",
                price=360,
                groups=("warmth", "spreads"),
            ),
            SeedItem(
                "cheese-toastie",
                "Cheese Toastie",
                "Toastie",
                "Cheddar on sourdough",
                "gluten, milk",
                price=590,
            ),
            SeedItem(
                "bagel",
                "Cream Cheese Bagel",
                "Bagel",
                "Toasted sesame bagel",
                "gluten, milk, sesame",
                price=450,
                groups=("warmth",),
            ),
        ),
    ),
)

"""The questions about drinks and food in a shop on its first day. Words and prices in cents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SeedOption:
    """One answer: words for the customer and for the bar, price, how many, allergens."""

    slug: str
    name: str
    bar_words: str
    price: int = 0
    most: int = 1
    allergens: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class SeedGroup:
    """One question."""

    slug: str
    name: str
    kind: str  # "one" or "extras"
    options: tuple[SeedOption, ...]


GROUPS = (
    SeedGroup(
        "milk",
        "Milk",
        "one",
        (
            SeedOption("whole-milk", "Whole milk", "", allergens="milk", is_default=True),
            SeedOption("skimmed-milk", "Skimmed milk", "SUB skimmed milk", allergens="milk"),
            SeedOption("oat-milk", "Oat milk", "SUB oat milk", 60, allergens="gluten"),
            SeedOption("soy-milk", "Soy milk", "SUB soy milk", 50, allergens="soy"),
            SeedOption("almond-milk", "Almond milk", "SUB almond milk", 60, allergens="nuts"),
        ),
    ),
    SeedGroup(
        "extras",
        "Extras",
        "extras",
        (
            SeedOption("shot", "Extra shot", "EXTRA shot", 80, most=3),
            SeedOption("cream", "Extra cream", "EXTRA cream", 60, most=2, allergens="milk"),
            SeedOption("vanilla", "Vanilla syrup", "EXTRA vanilla", 50, most=2),
            SeedOption("caramel", "Caramel syrup", "EXTRA caramel", 50, most=2, allergens="milk"),
            SeedOption("hazelnut", "Hazelnut syrup", "EXTRA hazelnut", 50, 2, allergens="nuts"),
        ),
    ),
    SeedGroup(
        "beans",
        "Beans",
        "one",
        (
            SeedOption("house-beans", "House espresso", "", is_default=True),
            SeedOption("decaf", "Decaf", "SUB decaf"),
        ),
    ),
    SeedGroup(
        "sugar",
        "Sugar",
        "one",
        (
            SeedOption("sugar-aside", "On the side", "", is_default=True),
            SeedOption("no-sugar", "No sugar", "NO sugar"),
            SeedOption("one-sugar", "One sugar", "1 sugar"),
            SeedOption("two-sugars", "Two sugars", "2 sugar"),
        ),
    ),
    SeedGroup(
        "ice",
        "Ice",
        "one",
        (
            SeedOption("usual-ice", "As usual", "", is_default=True),
            SeedOption("light-ice", "Light ice", "LIGHT ice"),
            SeedOption("no-ice", "No ice", "NO ice"),
        ),
    ),
    SeedGroup(
        "warmth",
        "Warmed up",
        "one",
        (
            SeedOption("not-warmed", "As it is", "", is_default=True),
            SeedOption("warmed", "Warmed up", "WARM"),
        ),
    ),
    SeedGroup(
        "spreads",
        "With",
        "extras",
        (
            SeedOption("butter", "Butter", "EXTRA butter", 50, most=2, allergens="milk"),
            SeedOption("jam", "Strawberry jam", "EXTRA jam", 60, most=2),
        ),
    ),
)

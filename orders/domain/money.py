"""How an amount of money is said. Amounts are integer cents; nothing here calculates."""

from typing import Any

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF "}


class Amount(str):
    """An amount in English, which remembers what it is: other languages write it differently."""

    cents: int
    currency: str

    def __new__(cls, english: str, cents: int = 0, currency: str = "") -> "Amount":
        """The text `english` for so many cents."""
        amount = super().__new__(cls, english)
        amount.cents, amount.currency = cents, currency
        return amount

    def __getnewargs__(self) -> Any:
        """What makes the same amount again."""
        return (str(self), self.cents, self.currency)


def in_words(cents: int, currency: str) -> Amount:
    """`€5.20` for 520 EUR; a currency without a symbol here stands behind the amount."""
    whole, rest = divmod(abs(cents), 100)
    amount = f"{whole}.{rest:02d}"
    sign = "-" if cents < 0 else ""
    symbol = SYMBOLS.get(currency)
    text = f"{sign}{amount} {currency}" if symbol is None else f"{sign}{symbol}{amount}"
    return Amount(text, cents, currency)

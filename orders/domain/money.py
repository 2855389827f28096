"""How an amount of money is said. Amounts are integer cents; nothing here calculates."""

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF "}


def in_words(cents: int, currency: str) -> str:
    """`€5.20` for 520 EUR; a currency without a symbol here stands behind the amount."""
    whole, rest = divmod(abs(cents), 100)
    amount = f"{whole}.{rest:02d}"
    sign = "-" if cents < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{amount} {currency}" if symbol is None else f"{sign}{symbol}{amount}"

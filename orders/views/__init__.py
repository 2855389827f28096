"""Pages that take a wish: each view answers or raises, `orders/answers.py` says it in words."""

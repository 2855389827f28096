"""The menu: its tables, its prices, the pages of its items, and what is sold out."""

"""How the shop's API describes itself: what an operation is, its address, its OpenAPI document.

Knows neither side of the shop: the operations stand in `orders/api` (commands) and
`projections/api` (what is read), and `barstucks_site/api_pages.py` serves them all.
"""

"""The reading half of the shop's API: the read models and the facts, as JSON.

The same questions as the pages ask, answered by the same functions. `operations.py` is the table.
"""

"""The commanding half of the shop's API: the menu, and everything that can be asked for, as JSON.

The same commands as the pages give, by the same rules. `operations.py` is the table.
"""

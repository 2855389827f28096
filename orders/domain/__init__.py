"""The shop's rules: what may happen, and what follows from what has happened.

Pure Python. Nothing in here knows Django, a database, a network, a clock or chance: time, ids and
random choices arrive inside the commands.
"""

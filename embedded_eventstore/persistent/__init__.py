"""Persistent subscriptions: the server remembers how far a group of consumers has come.

Begin with `group.py`, which holds all rules and no clock; `running_group.py` brings it to life.
"""

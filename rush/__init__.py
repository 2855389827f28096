"""A rush hour: simulated customers, baristas and cashiers who use the shop as people do.

A Django app only for the sake of its command. It speaks HTTP and websocket, and knows nothing of
the inside: what it finds right, a person in front of the screens would find right.
"""

"""How much one address, and all together, may ask of the shop, and how many orders may be open.

Requests are counted on the event loop, before they take a thread (`middleware`); open orders are
counted when one more is to be placed (`open_orders`), because that takes a look at the queue.
"""

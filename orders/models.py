"""Where Django finds the tables of the write side, which stand in its rooms.

None of it is event sourced: prices are copied into `CoffeeOrdered`, so a menu may change freely;
keys must be able to vanish; the demo terminal stands in for a bank, which has tables of its own.
"""

import orders.key_check
import orders.menu.models
import orders.payments.demo_terminal
import orders.personal_data
import orders.reactions.checkpoint
import orders.reactions.parking
import orders.reactions.timers  # noqa: F401

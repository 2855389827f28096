"""System projections: link streams such as ``$ce-order`` and ``$et-CoffeeOrdered``."""

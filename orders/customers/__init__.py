"""Who orders: guests, registered names, and being forgotten."""

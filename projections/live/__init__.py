"""Live screens: push, broadcaster, sockets. Knows no table."""

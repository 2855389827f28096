"""What happens, onto the open screens: push, broadcaster, sockets. Knows no table."""

"""What the services do about one another's events, and the process that sees to it."""

"""The people behind the counter: accounts, roles, permissions."""

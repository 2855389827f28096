"""Customers: guests, registered names, and being forgotten."""

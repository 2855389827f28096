"""Paying by card."""

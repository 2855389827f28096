"""Keeping a log well over the years: verification, backups, and the removal of what was deleted."""

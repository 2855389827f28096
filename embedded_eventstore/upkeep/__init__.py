"""Keeping a log well over the years: checksums, backups, and the removal of what was deleted."""

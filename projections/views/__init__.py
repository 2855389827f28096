"""Pages that read: each asks `projections/queries.py` and shows what it says."""

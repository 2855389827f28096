"""The read models in the inspector, which is Django's admin: everything is seen, nothing changed.

Only the projector writes these tables; a change by hand would last until the next rebuild.
"""

from projections.admin import tables

__all__ = ["tables"]

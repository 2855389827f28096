"""How any read model is fed from the log: cursors, transactions, generations, parking, rebuilds.

Knows no screen, no template and no coffee: what the facts mean comes in with each projection.
"""

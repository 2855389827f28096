"""Accounts, access rights and TLS. Knows nothing of the protocol.

Closed by default; ``--insecure`` opens all of it, on loopback only.
"""

"""Who may do what, and how nobody listens in: accounts, access rights, TLS.

Closed by default; ``--insecure`` opens all of it, on loopback only.
"""

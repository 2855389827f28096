"""The log on the disk: one SQLite file, one thread that writes, readers beside it.

Knows no gRPC call and nobody who calls; the one thing of the wire it knows is how an event reads.
"""

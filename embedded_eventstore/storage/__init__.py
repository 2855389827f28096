"""The log on the disk: one SQLite file, one thread that writes, readers beside it.

Knows no gRPC call and no account; of the wire it knows only how an event is encoded.
"""

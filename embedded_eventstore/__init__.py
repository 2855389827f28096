"""A single-node Eventstore: Eventstore's gRPC protocol in front, one SQLite file behind.

Start it with ``python -m embedded_eventstore --data DIR``. It stands alone and must not
know Django, or any other package of this project. Read README.md for the way through the modules.
"""

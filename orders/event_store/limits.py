"""How long a call to the log may take, and how a dead connection is noticed. Figures only."""

CALL_SECONDS = 1.4
"""Deadline of one try. The client tries twice, 0.1 s apart: a call ends within 3 s."""

RETRY_PAUSE = 0.1
"""Seconds between the two tries: the client's own."""

SHORTEST_CALL = 0.05
"""Seconds. A caller who waits no longer than that is not worth a call: it could not be told."""

PAGE = 1_000
"""Events read from the whole log in one call, under one deadline."""

CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    # The client's own KeepAliveInterval sets an option that gRPC does not have: a frozen store
    # would hang a subscription for ever. These are the names gRPC reads.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    # A store that comes back is found at once, not after gRPC's back-off of up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.use_local_subchannel_pool", 1),
)

CLUSTER_OPTIONS = {"MaxDiscoverAttempts": "2", "GossipTimeout": "1", "DiscoveryInterval": "100"}
"""The search for a cluster's leader is bounded too (the client's own: 10 tries of 5 s)."""


def bounded(uri: str) -> str:
    """The same address, with limits on the search for a leader unless it sets its own."""
    given = uri.lower()
    missing = [f"{k}={v}" for k, v in CLUSTER_OPTIONS.items() if k.lower() not in given]
    return uri + ("&" if "?" in uri else "?") + "&".join(missing) if missing else uri

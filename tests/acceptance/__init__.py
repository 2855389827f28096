"""Acceptance tests: a running shop, used through HTTP and websocket."""
